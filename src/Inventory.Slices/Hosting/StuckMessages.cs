using Inventory.Conflicts;
using Microsoft.Extensions.Options;
using Npgsql;
using Wolverine.Runtime;
using Wolverine.Transports;

namespace Inventory.Slices.Hosting;

/// <summary>When a message counts as stuck, in the section <c>StuckMessages</c> of the configuration.</summary>
public sealed class StuckMessagesOptions
{
    /// <summary>The section.</summary>
    public const string Section = "StuckMessages";

    /// <summary>How long a node may have had a message without doing anything about it. Default: 20 s. One whose handler takes longer than this is done twice.</summary>
    public TimeSpan After { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often it is looked for them. Default: 5 s.</summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// Gives messages back that this node has taken and knows nothing of. That happens when the database commits that they are this node's, and the answer to
/// the COMMIT is lost: nobody holds them in memory, and since the node lives, nobody else takes them. What is given back is taken again within about a second.
/// </summary>
internal sealed partial class StuckMessages(
    NpgsqlDataSource source, IWolverineRuntime runtime, Database database, TimeProvider clock, IOptions<StuckMessagesOptions> options, ILogger<StuckMessages> logger)
    : Loop(clock, logger)
{
    private const int ReadAtOnce = 1_000;

    private const string Queues =
        $"select distinct received_at from {StoreSetup.MessagesSchema}.wolverine_incoming_envelopes where owner_id = $1 and status = 'Incoming'";

    private const string Taken =
        $"""
         select id, attempts from {StoreSetup.MessagesSchema}.wolverine_incoming_envelopes
         where owner_id = $1 and status = 'Incoming' and received_at = any($2) and id > $3 order by id limit $4
         """;

    private const string GiveBack =
        $"update {StoreSetup.MessagesSchema}.wolverine_incoming_envelopes set owner_id = 0 where id = any($1) and owner_id = $2 and status = 'Incoming'";

    // An attempt at a message, and since when it has been this node's.
    private Dictionary<(Guid Id, int Attempts), long> _since = [];

    /// <inheritdoc/>
    protected override TimeSpan AtTheLatest => options.Value.LookEvery;

    /// <inheritdoc/>
    protected override bool BeginsAtOnce => false;

    /// <inheritdoc/>
    protected override Task WorkAsync(CancellationToken stopping) => database.IsThere ? LookAsync(stopping) : Task.CompletedTask;

    private async Task LookAsync(CancellationToken cancellation)
    {
        var node = runtime.DurabilitySettings.AssignedNodeNumber;
        // Whatever waits in a queue that has work is not stuck.
        var idle = (await QueuesAsync(node, cancellation)).Where(queue => !IsBusy(new Uri(queue))).ToArray();
        var since = new Dictionary<(Guid, int), long>();
        var stuck = new List<Guid>();
        for (var (last, read) = (Guid.Empty, ReadAtOnce); idle.Length > 0 && read == ReadAtOnce;)
        {
            await using var command = source.CreateCommand(Taken);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = node });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = idle });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = last });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = ReadAtOnce });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            for (read = 0; await reader.ReadAsync(cancellation); read++)
            {
                var attempt = (Id: reader.GetGuid(0), reader.GetInt32(1));
                last = attempt.Id;
                var began = _since.GetValueOrDefault(attempt, Clock.GetTimestamp());
                if (Clock.GetElapsedTime(began) >= options.Value.After)
                {
                    stuck.Add(attempt.Id);
                }
                else
                {
                    since[attempt] = began;
                }
            }
        }

        _since = since;
        if (stuck.Count > 0)
        {
            await using var command = source.CreateCommand(GiveBack);
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. stuck] });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = node });
            LogGivenBack(logger, await command.ExecuteNonQueryAsync(cancellation));
        }
    }

    private async Task<List<string>> QueuesAsync(int node, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(Queues);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = node });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var queues = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            queues.Add(reader.GetString(0));
        }

        return queues;
    }

    private bool IsBusy(Uri queue) => runtime.Endpoints.AgentForLocalQueue(queue) is IListenerCircuit { QueueCount: > 0 };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} messages that this node had taken and knew nothing of were given back, to be taken again")]
    private static partial void LogGivenBack(ILogger logger, int count);
}
