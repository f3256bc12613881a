using System.Collections.Concurrent;
using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Marten;

namespace Inventory.Slices.Cli.Seed;

/// <summary>Puts a <see cref="RetailFile"/> into the store through the commands that users send, many at a time.</summary>
/// <param name="services">The running host's services.</param>
/// <param name="file">The file.</param>
/// <param name="parallel">How many commands are under way at once.</param>
/// <param name="spare">Units each product receives beyond what the file sells.</param>
public sealed class SeedRun(IServiceProvider services, RetailFile file, int parallel, int spare)
{
    private const string Actor = "seed";
    private const int TemporaryRefusalsMax = 10;

    private readonly ConcurrentDictionary<string, Seeded> _products = new();
    private readonly ConcurrentQueue<RefusedSeed> _refused = new(file.Refused);
    private int _accepted;

    /// <summary>Lines that were applied.</summary>
    public int Accepted => _accepted;

    /// <summary>Lines that were not, in the file's order.</summary>
    public IReadOnlyList<RefusedSeed> Refused => [.. _refused.OrderBy(line => line.Number)];

    /// <summary>Makes the products that the file names. One that is there already is used as it is.</summary>
    public Task CreateAsync(Action done) => ForEachAsync(file.Products, done, async product =>
    {
        var id = Guid.CreateVersion7(services.GetRequiredService<TimeProvider>().GetUtcNow());
        var outcome = await SendAsync(id, new CreateProduct(id, product.Value.Sku, product.Value.Name, 0));
        id = outcome is Outcome<Product>.Refused { Refusal: SkuTaken taken } ? taken.ProductId : id;
        _products[product.Key] = new Seeded(id, (await FoldAsync(id))?.OnHand ?? 0);
    });

    /// <summary>Receives what the file sells of each product, and the spare units, so that no sale lacks stock.</summary>
    public Task ReceiveAsync(Action done)
    {
        var sold = file.Lines.Where(line => line.Quantity > 0).GroupBy(line => line.SkuKey)
            .ToDictionary(group => group.Key, group => group.Sum(line => (long)line.Quantity));
        return ForEachAsync(file.Products.Keys, done, async key =>
        {
            for (var rest = sold.GetValueOrDefault(key) + spare; rest > 0; rest -= ProductLimits.AdjustmentUnitsMax)
            {
                var units = (int)Math.Min(rest, ProductLimits.AdjustmentUnitsMax);
                if (await AdjustAsync(key, units, "receipt", Actor) is { } refusal)
                {
                    _refused.Enqueue(new RefusedSeed(0, key, $"receipt of {units}: {refusal}"));
                }
            }
        });
    }

    /// <summary>Sells and takes back line by line.</summary>
    public Task SellAsync(Action done) => ForEachAsync(file.Lines, done, async line =>
    {
        if (await AdjustAsync(line.SkuKey, -line.Quantity, line.Quantity > 0 ? "sale" : "return", line.Invoice) is { } refusal)
        {
            _refused.Enqueue(new RefusedSeed(line.Number, line.SkuKey, refusal));
        }
        else
        {
            Interlocked.Increment(ref _accepted);
        }
    });

    /// <summary>
    /// Folds every product's stream and compares its stock with what the file says. Gives the SKUs for which they differ.
    /// </summary>
    public async Task<IReadOnlyList<string>> CompareAsync(Action done)
    {
        var differences = new ConcurrentQueue<string>();
        await ForEachAsync(file.Products, done, async product =>
        {
            var seeded = _products[product.Key];
            var folded = await FoldAsync(seeded.Id);
            if (folded?.OnHand != seeded.Expected)
            {
                differences.Enqueue($"{product.Value.Sku}: {folded?.OnHand} on hand, {seeded.Expected} by the file");
            }
        });
        return [.. differences];
    }

    private async Task<string?> AdjustAsync(string key, int delta, string reason, string reference)
    {
        var product = _products[key];
        switch (await SendAsync(product.Id, new AdjustStock(product.Id, delta, reason, reference)))
        {
            case Outcome<Product>.Accepted:
                product.Add(delta);
                return null;
            case Outcome<Product>.Refused refused:
                return refused.Refusal.Detail;
            case var outcome:
                return outcome.GetType().Name;
        }
    }

    /// <summary>Sends a command; answers that say "surely not executed, try again" are tried again.</summary>
    private async Task<Outcome<Product>> SendAsync(Guid id, object command)
    {
        var clock = services.GetRequiredService<TimeProvider>();
        for (var attempt = 1; ; attempt++)
        {
            await using var scope = services.CreateAsyncScope();
            var outcome = await scope.ServiceProvider.GetRequiredService<CommandSender<Product>>().SendAsync(
                id, command, new CommandContext(Actor, Guid.CreateVersion7(clock.GetUtcNow()), Precondition.None));
            if (outcome is not (Outcome<Product>.RetriesExhausted or Outcome<Product>.Overloaded or Outcome<Product>.Unavailable) || attempt == TemporaryRefusalsMax)
            {
                return outcome;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100 * attempt), clock);
        }
    }

    private async Task<Product?> FoldAsync(Guid id)
    {
        await using var session = services.GetRequiredService<IDocumentStore>().QuerySession();
        var events = await session.Events.FetchStreamAsync(id);
        return events.Aggregate((Product?)null, (state, e) => Product.Fold(state, id, e.Data));
    }

    private Task ForEachAsync<T>(IEnumerable<T> items, Action done, Func<T, Task> work) => Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (item, _) =>
        {
            await work(item);
            done();
        });

    /// <summary>A product and the stock it must have in the end.</summary>
    private sealed class Seeded(Guid id, long expected)
    {
        private long _expected = expected;

        public Guid Id => id;

        public long Expected => Interlocked.Read(ref _expected);

        public void Add(int delta) => Interlocked.Add(ref _expected, delta);
    }
}
