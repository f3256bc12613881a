using System.Collections.Concurrent;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Waits until the product list is as new as a caller needs. Who waits asks nothing: when rows have changed, one question is asked for all.
/// </summary>
public sealed class ListedVersions : BackgroundService
{
    /// <summary>How many may wait on one node; whoever comes then is answered at once, as if its time were over.</summary>
    internal const int WaitingMax = 1_000;

    private readonly Func<IEnumerable<Guid>, CancellationToken, Task<Dictionary<Guid, long>>> _listed;
    private readonly Signal _changed;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<Waiter, bool> _waiting = new();

    public ListedVersions(ProjectedReads reads, NpgsqlDataSource database, StoreSignals signals, TimeProvider clock)
        : this((products, cancellation) => ListedAsync(reads, database, products, cancellation), signals.Listed, clock)
    {
    }

    /// <summary>With a list of the caller's own.</summary>
    /// <param name="listed">Asks the list for versions of products.</param>
    /// <param name="changed">The list has changed.</param>
    /// <param name="clock">The clock.</param>
    internal ListedVersions(Func<IEnumerable<Guid>, CancellationToken, Task<Dictionary<Guid, long>>> listed, Signal changed, TimeProvider clock) =>
        (_listed, _changed, _clock) = (listed, changed, clock);

    /// <summary>How many wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Whether the list has what is asked for, at the latest when the time is over.</summary>
    public async Task<bool> ReachAsync(ReadAfter after, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(after);
        if (after.Versions.Count == 0 || await HasAsync(after, cancellation))
        {
            return true;
        }

        if (after.Wait == TimeSpan.Zero || _waiting.Count >= WaitingMax)
        {
            return false;
        }

        var waiter = new Waiter(after, new Signal());
        var reached = waiter.Reached.Next;
        _waiting[waiter] = true;
        try
        {
            // Again, because it may have come between the question and the wait.
            if (await HasAsync(after, cancellation))
            {
                return true;
            }

            await reached.WaitAsync(after.Wait, _clock, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            _waiting.TryRemove(waiter, out _);
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => WakeAsync(stoppingToken);

    /// <summary>Wakes those who have what they wait for, until it is told to stop.</summary>
    internal async Task WakeAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = _changed.Next;
            var waiters = _waiting.Keys.ToList();
            try
            {
                if (waiters.Count > 0)
                {
                    var listed = await _listed(waiters.SelectMany(waiter => waiter.After.Versions.Keys).Distinct(), stoppingToken);
                    waiters.Where(waiter => IsReached(waiter.After, listed)).ToList().ForEach(waiter => waiter.Reached.Raise());
                }
            }
            catch (Exception e) when (DatabaseFailure.Is(e))
            {
                // They wait on: when the database is there again, it tells so.
            }

            await next.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task<bool> HasAsync(ReadAfter after, CancellationToken cancellation) =>
        IsReached(after, await _listed(after.Versions.Keys, cancellation));

    private static bool IsReached(ReadAfter after, Dictionary<Guid, long> listed) =>
        after.Versions.All(wanted => listed.GetValueOrDefault(wanted.Key) >= wanted.Value);

    private static async Task<Dictionary<Guid, long>> ListedAsync(
        ProjectedReads reads, NpgsqlDataSource database, IEnumerable<Guid> products, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select product_id, version from {reads.Schema}{ProductListTable.Name} where product_id = any($1)");
        command.Parameters.Add(new() { Value = products.ToArray() });
        var listed = new Dictionary<Guid, long>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            listed.Add(reader.GetGuid(0), reader.GetInt64(1));
        }

        return listed;
    }

    private sealed record Waiter(ReadAfter After, Signal Reached);
}
