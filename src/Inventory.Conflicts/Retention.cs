using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Inventory.Conflicts;

/// <summary>
/// Deletes receipts and conflicts whose time is over, a bounded number at a time. Every node does; they keep out of each
/// other's way.
/// </summary>
public sealed partial class Retention(
    Receipts receipts, IDocumentStore store, NpgsqlDataSource database, IOptions<ConflictOptions> options, TimeProvider clock, ILogger<Retention> logger)
    : BackgroundService
{
    private const int DeletedAtOnceMax = 5_000;

    private readonly ILogger _logger = new Bystanders.Logger(logger);

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await receipts.PurgeAsync(DeletedAtOnceMax, stoppingToken) == DeletedAtOnceMax
                       || await PurgeConflictsAsync(DeletedAtOnceMax, stoppingToken) == DeletedAtOnceMax)
                {
                }
            }
#pragma warning disable CA1031 // Whatever it is: nobody else deletes them, and the service must not stop because of it.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogPutOff(_logger, e);
            }
        }
    }

    /// <summary>Deletes some conflicts whose time is over, oldest first. Gives how many it deleted.</summary>
    internal async Task<int> PurgeConflictsAsync(int max, CancellationToken cancellation)
    {
        var table = $"{store.Options.DatabaseSchemaName}.{ConflictTable.Name}";
        await using var command = database.CreateCommand(
            $"""
             delete from {table} where ctid = any (array(
               select ctid from {table} where at < now() - $1 order by at limit $2 for update skip locked))
             """);
        command.Parameters.Add(new() { Value = options.Value.ConflictsKept });
        command.Parameters.Add(new() { Value = max });
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old receipts and conflicts could not be deleted; the next try is in a minute")]
    private static partial void LogPutOff(ILogger logger, Exception exception);
}
