using System.Globalization;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>
/// Tells what happened to a product, in words, the newest first, with the stock after each event. Exact: it is read from the stream, up to the
/// version that is named. A cursor is a version, so pages neither repeat nor leave out anything while somebody goes on changing the product.
/// </summary>
public static class HistoryEndpoint
{
    [WolverineGet("/products/{product}/history")]
    [Shows("Tell what happened to a product, the newest first", typeof(Page<HistoryItem>), nameof(ProblemTypes.ProductNotFound), nameof(ProblemTypes.Overloaded))]
    [Query("limit", typeof(int), "How many events: 1 to 200; default 50.")]
    [Query("cursor", typeof(long), "“next” of the page before.")]
    public static async Task<IResult> Get(
        string product, HttpContext http, ProductPast past, ProductReads products, ProductAddresses addresses, DatabaseReads reads,
        CancellationToken cancellation)
    {
        var query = http.Request.Query;
        if (!PageQuery.IsLimit(query["limit"], out var limit) || !PageQuery.IsNumber(query["cursor"], long.MaxValue, long.MaxValue, out var below))
        {
            return Problem.Malformed($"limit is a number from 1 to {PageQuery.PageItemsMax}, and cursor what “next” of the page before said.");
        }

        var address = await addresses.ResolveAsync(product, cancellation);
        if (address.Problem is { } problem)
        {
            return problem;
        }

        if (await products.ReadAsync(address.Id, cancellation) is not { } now)
        {
            return Problem.ProductNotFound(product);
        }

        // Nothing is below the first version.
        var top = Math.Min(now.Version, below - 1);
        return await reads.AnswerAsync(Work.ExactRead, ct => ToldAsync(past, now, top, limit, ct), cancellation);
    }

    private static async Task<IResult> ToldAsync(ProductPast past, Product now, long top, int limit, CancellationToken cancellation)
    {
        var told = top < 1 ? [] : await past.BackFromAsync(await past.AtVersionAsync(now, top, cancellation), limit, cancellation);
        return TypedResults.Json(
            new Page<HistoryItem>(
                [.. told.Select(one => HistoryItem.Of(one.Event, one.After))],
                told.Count > 0 && told[^1].Event.Version > 1 ? told[^1].Event.Version.ToString(CultureInfo.InvariantCulture) : null,
                Freshness.Exact with { AsOfVersion = now.Version }),
            HttpJson.Options);
    }
}
