using System.Collections.Concurrent;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Waits until the product list is as new as a caller needs. Who waits asks nothing: when rows have changed, one question is asked for all.
/// </summary>
public sealed class ListedVersions : Loop
{
    /// <summary>How many may wait on one node; whoever comes then is answered at once, as if its time were over.</summary>
    internal const int WaitingMax = 1_000;

    private readonly Func<IEnumerable<Guid>, CancellationToken, Task<Dictionary<Guid, long>>> _listed;
    private readonly Func<IEnumerable<Guid>, CancellationToken, Task<Dictionary<Guid, long>?>> _asked;
    private readonly Signal _changed;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<Waiter, bool> _waiting = new();

    public ListedVersions(ProjectedReads projected, NpgsqlDataSource database, StoreSignals signals, DatabaseReads reads, TimeProvider clock,
        ILogger<ListedVersions> logger)
        : this((products, cancellation) => ListedAsync(projected, database, products, cancellation), signals.Listed, clock, logger) =>
        _asked = (products, caller) => reads.ReadAsync(Work.List, cancellation => _listed(products, cancellation), caller);

    /// <summary>With a list of the caller's own.</summary>
    /// <param name="listed">Asks the list for versions of products.</param>
    /// <param name="changed">The list has changed.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Where it says what went wrong.</param>
    internal ListedVersions(
        Func<IEnumerable<Guid>, CancellationToken, Task<Dictionary<Guid, long>>> listed, Signal changed, TimeProvider clock, ILogger? logger = null)
        : base(clock, logger) =>
        (_listed, _asked, _changed, _clock) = (listed, listed!, changed, clock);

    /// <summary>How many wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Whether the list has what is asked for, at the latest when the time is over.</summary>
    public async Task<bool> ReachAsync(ReadAfter after, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(after);
        if (after.Versions.Count == 0 || await IsReachedAsync(after, cancellation) is true)
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
            if (await IsReachedAsync(after, cancellation) is not { } has)
            {
                // There is no room for questions, so the one that is asked for all asks for this one too.
                _changed.Raise();
            }
            else if (has)
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
    protected override Task Next => _changed.Next;

    /// <summary>Wakes those who have what they wait for. When the database is away they wait on: it tells so when it is there again.</summary>
    protected override async Task WorkAsync(CancellationToken stopping)
    {
        var waiters = _waiting.Keys.ToList();
        if (waiters.Count > 0)
        {
            var listed = await _listed(waiters.SelectMany(waiter => waiter.After.Versions.Keys).Distinct(), stopping);
            waiters.Where(waiter => IsReached(waiter.After, listed)).ToList().ForEach(waiter => waiter.Reached.Raise());
        }
    }

    /// <summary>Null when there is no room to ask.</summary>
    private async Task<bool?> IsReachedAsync(ReadAfter after, CancellationToken cancellation) =>
        await _asked(after.Versions.Keys, cancellation) is { } listed ? IsReached(after, listed) : null;

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
