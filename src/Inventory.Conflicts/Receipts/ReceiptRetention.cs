using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Inventory.Conflicts;

/// <summary>Deletes receipts whose time is over, a bounded number at a time. Every node does; they keep out of each other's way.</summary>
public sealed partial class ReceiptRetention(Receipts receipts, TimeProvider clock, ILogger<ReceiptRetention> logger) : BackgroundService
{
    private const int DeletedAtOnceMax = 5_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await receipts.PurgeAsync(DeletedAtOnceMax, stoppingToken) == DeletedAtOnceMax)
                {
                }
            }
            catch (NpgsqlException e)
            {
                LogPutOff(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old receipts could not be deleted; the next try is in a minute")]
    private static partial void LogPutOff(ILogger logger, Exception exception);
}
