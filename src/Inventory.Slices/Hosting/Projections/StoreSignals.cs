using Inventory.Conflicts;
using Inventory.Slices.Products;
using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Listens to what the database tells all nodes: that rows of the product list have changed. One connection per node, however many wait.
/// It may tell more often than something happened, never less.
/// </summary>
public sealed class StoreSignals(Database database, TimeProvider clock, ILogger<StoreSignals> logger) : Loop(clock, logger)
{
    private static readonly TimeSpan UntilAgain = TimeSpan.FromSeconds(1);

    /// <summary>Rows of the product list have changed.</summary>
    public Signal Listed { get; } = new();

    /// <inheritdoc/>
    protected override TimeSpan AtTheLatest => UntilAgain;

    /// <summary>Listens until the connection is lost.</summary>
    protected override async Task WorkAsync(CancellationToken stopping)
    {
        if (database.IsThere)
        {
            // Its own, and asked now and then whether it still lives: nobody else would notice that it does not.
            var settings = new NpgsqlConnectionStringBuilder(StoreSetup.WithTimeLimits(database.ConnectionString))
            {
                Pooling = false,
                KeepAlive = 10,
                CommandTimeout = 5,
            };
            await ListenAsync(settings.ConnectionString, stopping);
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
