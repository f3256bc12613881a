using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>
/// Lists and searches the catalogue: eventually consistent, and it says how far behind it is. A cursor names the last product of a page, so
/// a product that stays where it is by the sort comes once, whatever others do meanwhile.
/// </summary>
public static class BrowseCatalogEndpoint
{
    [WolverineGet("/products")]
    [ShowsProjected("List and search the catalogue", typeof(Page<ProductListItem>))]
    [Query("search", typeof(string), "Products in whose SKU or name every word occurs, or something like it; case and accents do not matter. 1 to 100 characters.")]
    [Query("lowStock", typeof(bool), "Only those whose stock is low, or is not.")]
    [Query("discontinued", typeof(bool), "Only those that are discontinued, or are not.")]
    [Query("sort", typeof(string), "sku, name or available, with “-” before it for the other way round. Default: sku, with search: relevance.")]
    [Query("limit", typeof(int), "How many: 1 to 200; default 50.")]
    [Query("cursor", typeof(string), "“next” of the page before.")]
    public static async Task<IResult> Get(HttpContext http, ProjectedReads reads, ProjectedAnswer answer)
    {
        var (query, malformed) = CatalogQuery.Read(http.Request.Query);
        if (malformed is not null)
        {
            return malformed;
        }

        return await answer.OfAsync(http, async cancellation =>
        {
            var (rows, freshness) = await reads.ReadAsync(
                ProductListProjection.Name, query!.Command(reads.Schema), row => (Item: ProductListItem.Read(row), Key: row.GetString(row.FieldCount - 1)), cancellation);
            var next = rows.Count > query.Limit ? rows[query.Limit - 1] : default;
            return new Page<ProductListItem>(
                [.. rows.Take(query.Limit).Select(row => row.Item)], next.Item is null ? null : PageQuery.CursorOf(query.Sort, next.Key, next.Item.Id), freshness);
        });
    }
}
