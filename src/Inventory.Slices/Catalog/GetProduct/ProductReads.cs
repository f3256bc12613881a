using Inventory.Slices.Products;
using Marten;

namespace Inventory.Slices.Catalog;

/// <summary>
/// Reads products for many callers at once. Who asks while a read is under way is answered by the next one, so a read
/// always began after it was asked for, and sees whatever had been acknowledged by then.
/// </summary>
public sealed class ProductReads(IDocumentStore store)
{
    private readonly Lock _lock = new();
    private Dictionary<Guid, TaskCompletionSource<Product?>> _asked = [];
    private bool _reading;

    /// <summary>The product as it is now, or null when there is none.</summary>
    public Task<Product?> ReadAsync(Guid id)
    {
        TaskCompletionSource<Product?>? answer;
        lock (_lock)
        {
            if (!_asked.TryGetValue(id, out answer))
            {
                _asked.Add(id, answer = new TaskCompletionSource<Product?>(TaskCreationOptions.RunContinuationsAsynchronously));
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

    private Dictionary<Guid, TaskCompletionSource<Product?>> Take()
    {
        lock (_lock)
        {
            var asked = _asked;
            _asked = [];
            _reading = asked.Count > 0;
            return asked;
        }
    }

    private async Task AnswerAsync(Dictionary<Guid, TaskCompletionSource<Product?>> asked)
    {
        try
        {
            await using var session = store.QuerySession();
            var found = (await session.LoadManyAsync<Product>(asked.Keys)).ToDictionary(product => product.Id);
            foreach (var (id, answer) in asked)
            {
                answer.SetResult(found.GetValueOrDefault(id));
            }
        }
#pragma warning disable CA1031 // It is told to those whom it concerns.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (asked.Count == 1)
            {
                asked.Values.Single().SetException(e);
                return;
            }

            // One that cannot be read is no reason why the others are not.
            foreach (var (id, answer) in asked)
            {
                await AnswerAsync(new() { [id] = answer });
            }
        }
    }
}
