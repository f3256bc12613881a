using System.Runtime.CompilerServices;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Marten;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>
/// Sends all products as a CSV file, by SKU. Each row is exact when it is read; the file as a whole is of no one
/// moment, because holding one open for a slow reader would keep the database from tidying up.
/// </summary>
public static class ExportCatalogEndpoint
{
    private const int RowsAtOnce = 1_000;

    private static readonly string[] Columns = ["sku", "name", "onHand", "reserved", "available", "reorderPoint", "discontinued", "version", "id"];

    [WolverineGet("/products.csv")]
    [Shows("Export every product as CSV", typeof(string), nameof(ProblemTypes.Overloaded), MediaType = "text/csv")]
    public static async Task<IResult> Get(
        IDocumentStore store, DatabaseReads reads, Exports exports, CancellationToken cancellation) =>
        await reads.ReadAsync(Work.Export, ct => ReadAsync(store, "", ct), cancellation) is { } first
            ? new CsvAnswer("products.csv", Columns, RowsAsync(store, reads, first, cancellation), exports)
            : DatabaseReads.Overloaded;

    private static async IAsyncEnumerable<IReadOnlyList<object?>> RowsAsync(
        IDocumentStore store, DatabaseReads reads, IReadOnlyList<Product> page,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            var last = "";
            foreach (var product in page)
            {
                yield return
                [
                    product.Sku, product.Name, product.OnHand, product.Reserved, product.Available, product.ReorderPoint, product.Discontinued, product.Version, product.Id,
                ];
                last = product.SkuKey;
            }

            if (page.Count < RowsAtOnce)
            {
                yield break;
            }

            page = await reads.ReadOnAsync(Work.Export, ct => ReadAsync(store, last, ct), cancellation);
        }
    }

    private static async Task<IReadOnlyList<Product>> ReadAsync(
        IDocumentStore store, string after, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await session.QueryAsync<Product>(
            "where sku_key > ? order by sku_key limit ?", cancellation, after, RowsAtOnce);
    }
}
