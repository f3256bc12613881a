using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>The body of <c>PUT /products/{product}/quantity</c>.</summary>
public sealed record CountStockBody(int Counted, string? Reason = null, CountConflict OnConflict = CountConflict.Reject);

public static class CountStockEndpoint
{
    [WolverinePut("/products/{product}/quantity")]
    [Changes<CountStock, CountStockBody>("Set the stock to what was counted")]
    public static Task<IResult> Put(string product, CommandRequest request) =>
        request.ChangeAsync<CountStockBody>(product, (id, body, shape) => new CountStock(
            id,
            shape.Units("counted", body.Counted, 0, ProductLimits.QuantityUnitsMax),
            shape.OptionalText("reason", body.Reason, ProductLimits.ReasonRunesMax),
            body.OnConflict));
}
