using Inventory.Conflicts;
using Inventory.Slices.Integration;
using Marten;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>Fetches what only the database knows, for the metrics, as long as somebody listens to them.</summary>
internal sealed partial class StoreWatch(
    ServiceMetrics metrics, ProjectedReads reads, IDocumentStore store, NpgsqlDataSource database, Readiness readiness, TimeProvider clock, ILogger<StoreWatch> logger)
    : Loop(clock, logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private const string CountDeadLetters =
        $"select message_type, count(*) from {StoreSetup.MessagesSchema}.wolverine_dead_letters where not replayable group by message_type";

    /// <inheritdoc/>
    protected override TimeSpan AtTheLatest => LookEvery;

    /// <inheritdoc/>
    protected override async Task WorkAsync(CancellationToken stopping)
    {
        if (metrics.AreWanted)
        {
            metrics.Show(await LookAsync(stopping));
        }
    }

    private async Task<StoreFigures> LookAsync(CancellationToken cancellation)
    {
        var checks = (await readiness.ReportAsync(cancellation)).Entries
            .Select(check => (check.Key, check.Value.Status == HealthStatus.Healthy)).ToList();
        try
        {
            var projections = new List<(string, long, double)>();
            foreach (var shard in ((StoreOptions)store.Options).Projections.AllShards().Select(shard => shard.Name))
            {
                var freshness = await reads.ShardFreshnessAsync(shard.Identity, cancellation);
                projections.Add((shard.Name, freshness.LagEvents ?? 0, (freshness.LagMs ?? 0) / 1_000.0));
            }

            return new StoreFigures(projections, await DeadLettersAsync(cancellation), checks);
        }
#pragma warning disable CA1031 // Whatever it is: what only watches must not stop the service.
        catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // Old figures would look as if all were well.
            LogUnknown(logger, e.Message);
            return StoreFigures.None with { Health = checks };
        }
    }

    private async Task<List<(string, long)>> DeadLettersAsync(CancellationToken cancellation)
    {
        // A type that has none is told too: what is not there cannot be compared with what it was.
        var letters = new Dictionary<string, long> { [DeliverWebhook.MessageType] = 0 };
        await using var command = database.CreateCommand(CountDeadLetters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            letters[reader.GetString(0)] = reader.GetInt64(1);
        }

        return [.. letters.Select(type => (type.Key, type.Value))];
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The figures for the metrics could not be fetched ({Reason})")]
    private static partial void LogUnknown(ILogger logger, string reason);
}
