using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>The body of <c>PUT /products/{product}/reorder-point</c>. The number has to be there, or null.</summary>
public sealed record SetReorderPointBody(int? ReorderPoint);

public static class SetReorderPointEndpoint
{
    [WolverinePut("/products/{product}/reorder-point")]
    [Changes<SetReorderPoint, SetReorderPointBody>("Say below what the stock is low")]
    public static Task<IResult> Put(string product, CommandRequest request) =>
        request.ChangeAsync<SetReorderPointBody>(product, (id, body, shape) => new SetReorderPoint(
            id, body.ReorderPoint is { } point ? shape.Units("reorderPoint", point, 0, ProductLimits.QuantityUnitsMax) : null));
}
