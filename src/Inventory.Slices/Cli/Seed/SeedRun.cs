using System.Collections.Concurrent;
using CsvHelper;
using Inventory.Slices.Cli.Import;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Marten;
using Spectre.Console;

namespace Inventory.Slices.Cli.Seed;

/// <summary>
/// Imports a file of invoice lines, after a delivery of what it sells, so that no sale lacks stock. Then it compares what came into the
/// streams by those two imports with the file.
/// </summary>
/// <param name="services">The running host's services.</param>
/// <param name="file">The file.</param>
/// <param name="lines">How many lines it has.</param>
/// <param name="spare">Units each product receives beyond what the file sells.</param>
internal sealed class SeedRun(IServiceProvider services, ImportFile file, int lines, int spare)
{
    private const string Actor = "seed";
    private const int ReadAtOnce = 16;

    private readonly Dictionary<string, Seeded> _products = [];
    private readonly ConcurrentQueue<string> _differences = [];
    private ImportView? _delivery;

    /// <summary>How many products the file names.</summary>
    public int Products => _products.Count;

    /// <summary>How the file's lines ended.</summary>
    public ImportView? Import { get; private set; }

    /// <summary>The products whose streams do not say what the file says.</summary>
    public IReadOnlyCollection<string> Differences => _differences;

    /// <summary>Receives what the file sells of each product, and the spare units.</summary>
    public async Task ReceiveAsync(ProgressTask bar)
    {
        await foreach (var line in file.ReadAsync(0, CancellationToken.None).Where(line => line.Fault is null))
        {
            var key = Sku.Key(line.Sku);
            var product = _products.GetValueOrDefault(key) ?? new Seeded(line.Sku, null, 0);
            _products[key] = product with
            {
                Name = product.Name ?? line.Name,
                Needed = product.Needed + Math.Max(0L, -line.Delta),
            };
        }

        var path = Path.GetTempFileName();
        try
        {
            await WriteDeliveryAsync(path);
            var (delivery, deliveries) = await FileImport.OpenAsync(path);
            await using var open = delivery;
            _delivery = await FileImport.RunAsync(services, delivery, deliveries, Actor, bar);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Sells and takes back line by line.</summary>
    public async Task ImportAsync(ProgressTask bar) => Import = await FileImport.RunAsync(services, file, lines, Actor, bar);

    /// <summary>Compares what every product's stream says with the file.</summary>
    public async Task CompareAsync(ProgressTask bar)
    {
        if (Import!.RefusedOmitted > 0 || _delivery!.Refused > 0)
        {
            _differences.Enqueue("more lines were refused than an import lists, or of the delivery: there is nothing to compare with");
            return;
        }

        var refused = Import.RefusedLines.Select(line => line.Line).ToHashSet();
        var expected = _products.ToDictionary(product => product.Key, product => product.Value.Needed + spare);
        await foreach (var line in file.ReadAsync(0, CancellationToken.None).Where(line => !refused.Contains(line.Number)))
        {
            expected[Sku.Key(line.Sku)] += line.Delta;
        }

        bar.MaxValue = Math.Max(1, expected.Count);
        await Parallel.ForEachAsync(expected, new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce }, async (product, _) =>
        {
            var moved = await MovedAsync(product.Key);
            if (moved != product.Value)
            {
                _differences.Enqueue($"{product.Key}: {moved} units by its stream, {product.Value} by the file");
            }

            bar.Increment(1);
        });
    }

    private async Task WriteDeliveryAsync(string path)
    {
        await using var csv = CsvWriter.ToFile(path);
        Write("sku", "name", "quantity");
        foreach (var product in _products.Values)
        {
            for (var rest = product.Needed + spare; rest > 0; rest -= ProductLimits.AdjustmentUnitsMax)
            {
                Write(product.Sku, CsvCell.Guard(product.Name ?? product.Sku)!, Math.Min(rest, ProductLimits.AdjustmentUnitsMax));
            }
        }

        void Write(params object[] cells)
        {
            Array.ForEach(cells, csv.WriteField);
            csv.EndRecord();
        }
    }

    /// <summary>The units that the two imports moved, by the product's stream. Their events carry the import's id.</summary>
    private async Task<long?> MovedAsync(string skuKey)
    {
        await using var session = services.GetRequiredService<IDocumentStore>().QuerySession();
        var id = await session.Query<Product>().Where(product => product.SkuKey == skuKey).Select(product => product.Id).FirstOrDefaultAsync();
        var imports = new[] { _delivery!.Id.ToString(), Import!.Id.ToString() };
        return id == Guid.Empty
            ? null
            : (await session.Events.FetchStreamAsync(id)).Where(e => imports.Contains(e.CorrelationId)).Select(e => e.Data).OfType<StockAdjusted>().Sum(e => (long)e.Delta);
    }

    /// <summary>A product that the file names.</summary>
    private sealed record Seeded(string Sku, string? Name, long Needed);
}
