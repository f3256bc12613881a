using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Npgsql;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>Lists what should be ordered again: stock at or below the reorder point, of products that are dealt in. By SKU; eventually consistent.</summary>
public static class LowStockEndpoint
{
    private const string Sort = "sku";

    [WolverineGet("/stock/low")]
    [ShowsProjected("List the products whose stock is low", typeof(Page<ProductListItem>))]
    [Query("limit", typeof(int), "How many: 1 to 200; default 50.")]
    [Query("cursor", typeof(string), "“next” of the page before.")]
    public static async Task<IResult> Get(HttpContext http, ProjectedReads reads, ProjectedAnswer answer)
    {
        var query = http.Request.Query;
        if (!PageQuery.IsLimit(query["limit"], out var limit) || !PageQuery.IsCursor(query["cursor"], Sort, out var after))
        {
            return Problem.Malformed($"limit is a number from 1 to {PageQuery.PageItemsMax}, and cursor what “next” of the page before said.");
        }

        return await answer.OfAsync(http, async cancellation =>
        {
            var command = new NpgsqlBatchCommand(
                $"""
                 select {ProductListItem.Columns} from {reads.Schema}{ProductListTable.Name}
                 where low and (sku_key, product_id) > ($1, $2) order by sku_key, product_id limit $3
                 """)
            {
                Parameters = { new() { Value = after?.Value ?? "" }, new() { Value = after?.Id ?? Guid.Empty }, new() { Value = limit + 1 } },
            };
            var (rows, freshness) = await reads.ReadAsync(ProductListProjection.Name, command, ProductListItem.Read, cancellation);
            var last = rows.Count > limit ? rows[limit - 1] : null;
            return new Page<ProductListItem>([.. rows.Take(limit)], last is null ? null : PageQuery.CursorOf(Sort, Sku.Key(last.Sku), last.Id), freshness);
        });
    }
}
