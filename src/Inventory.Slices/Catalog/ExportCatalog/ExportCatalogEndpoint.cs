using System.Runtime.CompilerServices;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Marten;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>
/// Sends all products as a CSV file, by SKU. Each row is exact when it is read; the file as a whole is of no one moment, because
/// holding one open for a slow reader would keep the database from tidying up.
/// </summary>
public static class ExportCatalogEndpoint
{
    private const int RowsAtOnce = 1_000;

    private static readonly string[] Columns = ["sku", "name", "onHand", "reserved", "available", "reorderPoint", "discontinued", "version", "id"];

    [WolverineGet("/products.csv")]
    [Shows("Export every product as CSV", typeof(string), MediaType = "text/csv")]
    public static IResult Get(IDocumentStore store) => new CsvAnswer("products.csv", Columns, RowsAsync(store));

    private static async IAsyncEnumerable<IReadOnlyList<object?>> RowsAsync(IDocumentStore store, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        IReadOnlyList<Product> page;
        var last = "";
        do
        {
            await using (var session = store.QuerySession())
            {
                page = await session.QueryAsync<Product>("where sku_key > ? order by sku_key limit ?", cancellation, last, RowsAtOnce);
            }

            foreach (var product in page)
            {
                yield return
                [
                    product.Sku, product.Name, product.OnHand, product.Reserved, product.Available, product.ReorderPoint, product.Discontinued, product.Version, product.Id,
                ];
                last = product.SkuKey;
            }
        }
        while (page.Count == RowsAtOnce);
    }
}
