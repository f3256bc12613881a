using System.Diagnostics;
using System.Text.Json;
using Inventory.Verification.Checking;
using Inventory.Verification.Histories;
using Npgsql;

namespace Inventory.Verification.Running;

/// <summary>Reads how much is held: by the nodes, from the levels that a bystander in each of them writes down, and in the database.</summary>
internal sealed class LevelReading(IReadOnlyList<ServiceNode> nodes, string connectionString)
{
    private const int Samples = 3;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    /// <summary>The most that is held in some seconds before the load.</summary>
    public async Task<Dictionary<string, double>> BeforeAsync()
    {
        var most = new Dictionary<string, double>();
        for (var n = 0; n < Samples; n++)
        {
            await Task.Delay(Between);
            foreach (var (what, level) in await ReadAsync())
            {
                most[what] = Math.Max(level, most.GetValueOrDefault(what));
            }
        }

        return most;
    }

    /// <summary>What is held after the load, compared with before; waits until nothing is left, or for so long.</summary>
    public async Task<IReadOnlyList<Held>> AfterAsync(Dictionary<string, double> before, TimeSpan patience)
    {
        var least = new Dictionary<string, double>();
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(Between))
        {
            foreach (var (what, level) in await ReadAsync())
            {
                least[what] = Math.Min(level, least.GetValueOrDefault(what, double.MaxValue));
            }

            var held = least.Select(pair => new Held(pair.Key, before.GetValueOrDefault(pair.Key), pair.Value)).OrderBy(held => held.What, StringComparer.Ordinal).ToList();
            if (clock.Elapsed > patience || !LeakCheck.Of(held).Any())
            {
                return held;
            }
        }
    }

    /// <summary>How often bystanders have thrown in the processes that run now.</summary>
    public int Thrown() => nodes.Sum(node => (int)Levels(node).GetValueOrDefault("thrown"));

    private async Task<Dictionary<string, double>> ReadAsync()
    {
        var levels = nodes.SelectMany(Levels).Where(pair => LeakCheck.IsHeld(pair.Key)).GroupBy(pair => pair.Key)
            .ToDictionary(level => level.Key, level => level.Sum(pair => pair.Value));
        await using var connection = await StoreServer.OpenAsync(connectionString);
        await using var command = new NpgsqlCommand(
            """
            select (select count(*) from pg_stat_activity
                    where datname = current_database() and state like 'idle in transaction%' and pid <> pg_backend_pid()),
                   (select count(*) from pg_locks join pg_stat_activity using (pid)
                    where datname = current_database() and locktype <> 'advisory' and pid <> pg_backend_pid()),
                   (select count(*) from pg_locks join pg_stat_activity using (pid) where datname = current_database() and locktype = 'advisory'),
                   (select count(*) from messages.wolverine_incoming_envelopes where status <> 'Handled' and attempts > 0)
            """, connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        levels["sessions in a transaction"] = reader.GetInt64(0);
        levels["locks of rows and tables"] = reader.GetInt64(1);
        levels["advisory locks"] = reader.GetInt64(2);
        levels["messages that are tried again and again"] = reader.GetInt64(3);
        return levels;
    }

    private static Dictionary<string, double> Levels(ServiceNode node)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(node.LevelsFile)) ?? [];
        }
        catch (IOException)
        {
            return []; // It has not written any yet.
        }
    }
}
