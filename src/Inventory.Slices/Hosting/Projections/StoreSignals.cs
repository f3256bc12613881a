using Inventory.Conflicts;
using Inventory.Slices.Products;
using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Listens to what the database tells all nodes: that rows of the product list have changed. One connection per node, however many wait.
/// It may tell more often than something happened, never less.
/// </summary>
public sealed partial class StoreSignals(Database database, ILogger<StoreSignals> logger) : BackgroundService
{
    private static readonly TimeSpan UntilAgain = TimeSpan.FromSeconds(1);

    /// <summary>Rows of the product list have changed.</summary>
    public Signal Listed { get; } = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!database.IsThere)
        {
            return;
        }

        // Its own, and asked now and then whether it still lives: nobody else would notice that it does not.
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false, KeepAlive = 10 };
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(settings.ConnectionString, stoppingToken);
            }
            catch (Exception e) when ((DatabaseFailure.Is(e) || e is IOException or TimeoutException) && !stoppingToken.IsCancellationRequested)
            {
                LogLost(logger, e.Message);
                await Task.Delay(UntilAgain, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The service stops.
            }
        }
    }

    private async Task ListenAsync(string connectionString, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellation);
        connection.Notification += (_, _) => Listed.Raise();
        await using (var listen = new NpgsqlCommand($"listen {ProductListProjection.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellation);
        }

        // Whatever happened while nobody listened.
        Listed.Raise();
        while (true)
        {
            await connection.WaitAsync(cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection that listens to the database is lost ({Reason}); it is made again in a second")]
    private static partial void LogLost(ILogger logger, string reason);
}

/// <summary>Something that happens again and again, and can be waited for.</summary>
public sealed class Signal
{
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when it happens next. Taken before looking, so that nothing is missed between the look and the wait.</summary>
    public Task Next => HappenedAsync(_next.Task);

    /// <summary>It happened. Who waited goes on elsewhere.</summary>
    public void Raise() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    // Who waits with a time limit would go on on a thread of the pool whatever its context is; after an await it goes on where its context says.
    private static async Task HappenedAsync(Task next) => await next;
}
