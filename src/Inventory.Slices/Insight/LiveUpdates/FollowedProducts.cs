using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;

namespace Inventory.Slices.Insight;

/// <summary>
/// The products that are followed on this node. What happens to one is read and told in words once, however many follow
/// it; who is further behind than what is kept reads on its own.
/// </summary>
public sealed class FollowedProducts(
    ProductWatch watch, ProductReads products, ProductPast past, DatabaseReads reads, DatabaseHistory history)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Entry> _followed = [];

    /// <summary>How many products are followed.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _followed.Count;
            }
        }
    }

    /// <summary>Begins to follow a product, until it is disposed of.</summary>
    /// <param name="now">The product as it was just read.</param>
    public FollowedProduct Follow(Product now)
    {
        ArgumentNullException.ThrowIfNull(now);
        lock (_lock)
        {
            if (!_followed.TryGetValue(now.Id, out var entry))
            {
                _followed.Add(now.Id, entry = new Entry(new ProductChanges(now, watch.Watch(now.Id), products, past, reads, history)));
            }

            entry.Followers++;
            return new FollowedProduct(entry.Changes, now.Version, () => Leave(now.Id));
        }
    }

    private void Leave(Guid product)
    {
        lock (_lock)
        {
            var entry = _followed[product];
            if (--entry.Followers == 0)
            {
                _followed.Remove(product);
                entry.Changes.Dispose();
            }
        }
    }

    private sealed class Entry(ProductChanges changes)
    {
        public ProductChanges Changes { get; } = changes;

        public int Followers { get; set; }
    }
}

/// <summary>A product that somebody follows.</summary>
public sealed class FollowedProduct : IDisposable
{
    private readonly ProductChanges _changes;
    private readonly long _known;
    private Action? _leave;

    internal FollowedProduct(ProductChanges changes, long known, Action leave) => (_changes, _known, _leave) = (changes, known, leave);

    /// <summary>Done when it has changed. Taken before looking.</summary>
    public Task Changed => _changes.Changed;

    /// <summary>The changes after a version, in order; not all when they are many, none when there are none.</summary>
    public Task<IReadOnlyList<ChangeItem>> AfterAsync(long version, CancellationToken cancellation) =>
        _changes.AfterAsync(version, _known, cancellation);

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
}

/// <summary>The newest changes of a product, read once for all who follow it.</summary>
internal sealed class ProductChanges(
    Product first, Watched watched, ProductReads products, ProductPast past, DatabaseReads reads, DatabaseHistory history) : IDisposable
{
    internal const int KeptMax = 1_000;
    private const int ReadAtOnce = 500;

    private readonly Lock _lock = new();
    private readonly List<ChangeItem> _kept = [];
    private long _keptTo = first.Version;
    private long _keptIn = history.Number;
    private Task? _reading;

    /// <summary>Done when the product has changed.</summary>
    public Task Changed => watched.Changed.Next;

    /// <summary>The changes after a version.</summary>
    /// <param name="version">The last version that the reader has.</param>
    /// <param name="known">A version that the product is known to have had.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<ChangeItem>> AfterAsync(long version, long known, CancellationToken cancellation)
    {
        for (var hasRead = false; ; hasRead = true)
        {
            Task reading;
            lock (_lock)
            {
                var found = watched.Version;
                if (_keptIn != history.Number || (found > 0 && found < _keptTo))
                {
                    // The database may have been set back: what was kept did not happen in it then.
                    _kept.Clear();
                    _keptTo = found > 0 ? Math.Min(found, _keptTo) : _keptTo;
                    _keptIn = history.Number;
                }

                if (version >= Math.Max(found, known) || (hasRead && version >= _keptTo))
                {
                    return [];
                }

                if (version < _keptTo - _kept.Count)
                {
                    break;
                }

                if (version < _keptTo)
                {
                    var count = (int)(_keptTo - version);
                    return _kept.GetRange(_kept.Count - count, count);
                }

                reading = _reading ??= ReadAsync();
            }

            await reading.WaitAsync(cancellation);
        }

        return await reads.ReadOnAsync(Work.Stream, ct => ToldAsync(version, ct), cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => watched.Dispose();

    /// <summary>Reads on for all. It is begun by one of them and goes on when that one goes.</summary>
    private async Task ReadAsync()
    {
        // Whoever begins it holds the lock.
        await Task.Yield();
        try
        {
            long from;
            lock (_lock)
            {
                from = _keptTo;
            }

            var changes = await reads.ReadOnAsync(Work.Stream, ct => ToldAsync(from, ct), CancellationToken.None);
            lock (_lock)
            {
                if (from == _keptTo && _keptIn == history.Number)
                {
                    _kept.AddRange(changes);
                    _keptTo += changes.Count;
                    _kept.RemoveRange(0, Math.Max(0, _kept.Count - KeptMax));
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _reading = null;
            }
        }
    }

    /// <summary>Reads the first changes after a version, and tells them in words.</summary>
    private async Task<IReadOnlyList<ChangeItem>> ToldAsync(long version, CancellationToken cancellation)
    {
        if (await products.ReadAsync(first.Id, cancellation) is not { } now || now.Version <= version)
        {
            return [];
        }

        var top = await past.AtVersionAsync(now, Math.Min(now.Version, version + ReadAtOnce), cancellation);
        var told = await past.BackFromAsync(top, (int)(top.Version - version), cancellation);
        return [.. Enumerable.Reverse(told).Select(one => ChangeItem.Of(one.Event, Product.Describe(one.Event.Data, one.After)))];
    }
}
