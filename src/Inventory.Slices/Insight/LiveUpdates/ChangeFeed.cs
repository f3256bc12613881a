using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Marten;

namespace Inventory.Slices.Insight;

/// <summary>
/// Reads the newest changes once for all who follow them on this node, and keeps the last of them; who is further behind reads on its own.
/// It goes as far as the product list does: up to there no event can come late, because that projection never passes a gap that may still be filled.
/// </summary>
public sealed class ChangeFeed : Loop
{
    // What the store writes where a transaction was rolled back after it had drawn its sequence numbers: no change.
    private const string TombstoneType = "tombstone";

    internal const int ReadAtOnce = 1_000;
    private const int KeptMax = 10_000;

    private readonly Func<CancellationToken, Task<long>> _reached;
    private readonly Func<long, long, CancellationToken, Task<List<(long Sequence, ChangeItem Change)>>> _changes;
    private readonly Signal _listed;
    private readonly DatabaseReads? _reads;
    private readonly DatabaseHistory _history;
    private readonly Lock _lock = new();
    private readonly List<(long Sequence, ChangeItem Change)> _kept = [];
    private long _keptAfter;
    private long _keptTo;
    private long _keptIn;
    private int _followers;

    public ChangeFeed(
        IDocumentStore store, ProjectedReads projected, StoreSignals signals, DatabaseReads reads, DatabaseHistory history, TimeProvider clock,
        ILogger<ChangeFeed> logger)
        : this(
            async cancellation => (await projected.FreshnessAsync(ProductListProjection.Name, cancellation)).AsOfSequence!.Value,
            (after, to, cancellation) => ReadAsync(store, after, to, cancellation), signals.Listed, clock, logger, history) =>
        _reads = reads;

    /// <summary>With changes of the caller's own.</summary>
    /// <param name="reached">Asks how far the product list is.</param>
    /// <param name="changes">Reads the first <see cref="ReadAtOnce"/> changes after a sequence number and up to another.</param>
    /// <param name="listed">The product list has changed.</param>
    /// <param name="clock">The clock; that of the system when left out.</param>
    /// <param name="logger">Where it says what went wrong.</param>
    /// <param name="history">The history of the database; one that never ends when left out.</param>
    internal ChangeFeed(
        Func<CancellationToken, Task<long>> reached, Func<long, long, CancellationToken, Task<List<(long Sequence, ChangeItem Change)>>> changes, Signal listed,
        TimeProvider? clock = null, ILogger? logger = null, DatabaseHistory? history = null)
        : base(clock ?? TimeProvider.System, logger) =>
        (_reached, _changes, _listed, _history) = (reached, changes, listed, history ?? new DatabaseHistory());

    /// <summary>There are more.</summary>
    public Signal Grown { get; } = new();

    /// <summary>Begins to follow, until it is disposed of. While nobody does, nothing is read.</summary>
    public IDisposable Follow()
    {
        Interlocked.Increment(ref _followers);
        return new Follower(this);
    }

    /// <summary>The sequence number up to which changes are told now.</summary>
    public async Task<long> ReachedAsync(CancellationToken cancellation) =>
        (await OwnAsync(async ct => [(await _reached(ct), null!)], cancellation))[0].Sequence;

    /// <summary>The changes after a sequence number, in order; not all when they are many, none when there are none.</summary>
    public async Task<IReadOnlyList<(long Sequence, ChangeItem Change)>> AfterAsync(long sequence, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_keptIn == _history.Number && _keptTo > 0 && sequence >= _keptAfter && sequence <= _keptTo)
            {
                var first = _kept.BinarySearch((sequence + 1, null!), Comparer<(long Sequence, ChangeItem)>.Create((a, b) => a.Sequence.CompareTo(b.Sequence)));
                first = first < 0 ? ~first : first;
                return _kept.GetRange(first, Math.Min(ReadAtOnce, _kept.Count - first));
            }
        }

        return await OwnAsync(async ct => await _changes(sequence, await _reached(ct), ct), cancellation);
    }

    /// <summary>Reads for one reader, within the budget of those who follow.</summary>
    private Task<List<(long Sequence, ChangeItem Change)>> OwnAsync(
        Func<CancellationToken, Task<List<(long Sequence, ChangeItem Change)>>> read, CancellationToken cancellation) =>
        _reads is null ? read(cancellation) : _reads.ReadOnAsync(Work.Stream, read, cancellation);

    /// <inheritdoc/>
    protected override Task Next => _listed.Next;

    /// <summary>Reads what is new. When the database is away, it tells so when it is there again.</summary>
    protected override async Task WorkAsync(CancellationToken stopping)
    {
        var isFollowed = Volatile.Read(ref _followers) > 0;
        var history = _history.Number;
        lock (_lock)
        {
            if (!isFollowed || _keptIn != history)
            {
                _kept.Clear();
                (_keptAfter, _keptTo, _keptIn) = (0, 0, history);
            }
        }

        if (!isFollowed)
        {
            return;
        }

        var reached = await _reached(stopping);
        if (_keptTo == 0)
        {
            // Who follows from further back reads that on its own.
            lock (_lock)
            {
                (_keptAfter, _keptTo) = (reached, reached);
            }
        }

        while (_keptTo < reached)
        {
            var changes = await _changes(_keptTo, reached, stopping);
            if (_history.Number != history)
            {
                // What was read may not have happened; it begins anew.
                return;
            }

            lock (_lock)
            {
                _kept.AddRange(changes);
                _keptTo = changes.Count == ReadAtOnce ? changes[^1].Sequence : reached;
                if (_kept.Count > KeptMax)
                {
                    _keptAfter = _kept[_kept.Count - KeptMax - 1].Sequence;
                    _kept.RemoveRange(0, _kept.Count - KeptMax);
                }
            }
        }

        Grown.Raise();
    }

    private static async Task<List<(long Sequence, ChangeItem Change)>> ReadAsync(IDocumentStore store, long after, long to, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        var events = await session.Events.QueryAllRawEvents()
            .Where(e => e.Sequence > after && e.Sequence <= to && e.EventTypeName != TombstoneType).OrderBy(e => e.Sequence).Take(ReadAtOnce).ToListAsync(cancellation);
        return [.. events.Select(e => (e.Sequence, ChangeItem.Of(e)))];
    }

    private sealed class Follower(ChangeFeed feed) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref feed._followers);
    }
}
