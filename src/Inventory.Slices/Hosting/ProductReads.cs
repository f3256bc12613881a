using Inventory.Conflicts;
using Inventory.Slices.Products;
using Marten;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Reads products for many callers at once, by id or by SKU. Who asks while a read is under way is answered by the next
/// one, so a read always began after it was asked for, and sees whatever had been acknowledged by then. However many
/// ask, it takes one connection, and so no budget.
/// </summary>
public sealed class ProductReads(IDocumentStore store, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private Dictionary<Key, TaskCompletionSource<Product?>> _asked = [];
    private bool _reading;

    /// <summary>The product as it is now, or null when there is none.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The database cannot be reached, or does not answer in time.</exception>
    public Task<Product?> ReadAsync(Guid id, CancellationToken cancellation) =>
        AskAsync(new Key(id, null), cancellation);

    /// <summary>The product that has a SKU now, or null when none has.</summary>
    /// <param name="skuKey">The SKU's key (<see cref="Sku.Key"/>).</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="Npgsql.NpgsqlException">The database cannot be reached, or does not answer in time.</exception>
    public Task<Product?> FindAsync(string skuKey, CancellationToken cancellation) =>
        AskAsync(new Key(Guid.Empty, skuKey), cancellation);

    // Who asks late waits for a read that is under way and for the next one, which have a time limit each.
    private Task<Product?> AskAsync(Key key, CancellationToken cancellation) =>
        DatabaseWait.WithinAsync(DatabaseReads.AnswerMax, clock, _ => NextAsync(key), cancellation);

    private Task<Product?> NextAsync(Key key)
    {
        TaskCompletionSource<Product?>? answer;
        lock (_lock)
        {
            if (!_asked.TryGetValue(key, out answer))
            {
                answer = new TaskCompletionSource<Product?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _asked.Add(key, answer);
            }

            if (_reading)
            {
                return answer.Task;
            }

            _reading = true;
        }

        _ = ReadUntilNobodyAsksAsync();
        return answer.Task;
    }

    private async Task ReadUntilNobodyAsksAsync()
    {
        while (Take() is { Count: > 0 } asked)
        {
            await AnswerAsync(asked);
        }
    }

    private Dictionary<Key, TaskCompletionSource<Product?>> Take()
    {
        lock (_lock)
        {
            var asked = _asked;
            _asked = [];
            _reading = asked.Count > 0;
            return asked;
        }
    }

    private async Task AnswerAsync(Dictionary<Key, TaskCompletionSource<Product?>> asked)
    {
        try
        {
            var found = await DatabaseWait.WithinAsync(
                DatabaseReads.AnswerMax, clock, end => LoadAsync(asked.Keys, end), CancellationToken.None);
            foreach (var (key, answer) in asked)
            {
                answer.SetResult(found.GetValueOrDefault(key));
            }
        }
#pragma warning disable CA1031 // It is told to those whom it concerns.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (asked.Count == 1 || DatabaseFailure.Is(e))
            {
                foreach (var answer in asked.Values)
                {
                    answer.SetException(e);
                }

                return;
            }

            // One that cannot be read is no reason why the others are not.
            foreach (var (key, answer) in asked)
            {
                await AnswerAsync(new() { [key] = answer });
            }
        }
    }

    private async Task<Dictionary<Key, Product>> LoadAsync(IEnumerable<Key> keys, CancellationToken cancellation)
    {
        var (ids, skus) = (new List<Guid>(), new List<string>());
        foreach (var (id, sku) in keys)
        {
            if (sku is null)
            {
                ids.Add(id);
            }
            else
            {
                skus.Add(sku);
            }
        }

        var found = new Dictionary<Key, Product>();
        await using var session = store.QuerySession();
        if (ids.Count > 0)
        {
            foreach (var product in await session.LoadManyAsync<Product>(cancellation, [.. ids]))
            {
                found.Add(new Key(product.Id, null), product);
            }
        }

        if (skus.Count > 0)
        {
            var wanted = skus.ToArray();
            var query = session.Query<Product>().Where(p => wanted.Contains(p.SkuKey));
            foreach (var product in await query.ToListAsync(cancellation))
            {
                found.Add(new Key(Guid.Empty, product.SkuKey), product);
            }
        }

        return found;
    }

    /// <summary>How a product is asked for: by its id, or by its SKU's key.</summary>
    private readonly record struct Key(Guid Id, string? SkuKey);
}
