using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>The body of <c>POST /products/{product}/adjustments</c>.</summary>
public sealed record AdjustStockBody(int Delta, string Reason, string? Reference = null);

public static class AdjustStockEndpoint
{
    [WolverinePost("/products/{product}/adjustments")]
    [Changes<AdjustStock, AdjustStockBody>("Add units to the stock or take them from it")]
    public static Task<IResult> Post(string product, CommandRequest request) =>
        request.ChangeAsync<AdjustStockBody>(product, (id, body, shape) => new AdjustStock(
            id,
            shape.Units("delta", body.Delta, -ProductLimits.AdjustmentUnitsMax, ProductLimits.AdjustmentUnitsMax, zeroAllowed: false),
            shape.Text("reason", body.Reason, ProductLimits.ReasonRunesMax),
            shape.OptionalText("reference", body.Reference, ProductLimits.ReferenceRunesMax)));
}
