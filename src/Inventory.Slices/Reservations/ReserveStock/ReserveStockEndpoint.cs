using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Reservations;

/// <summary>The body of <c>POST /products/{product}/reservations</c>.</summary>
public sealed record ReserveStockBody(int Quantity, int ExpiresInSeconds, string? Reference = null);

public static class ReserveStockEndpoint
{
    [WolverinePost("/products/{product}/reservations")]
    [Changes<ReserveStock, ReserveStockBody>("Promise units to somebody for a while")]
    public static Task<IResult> Post(string product, CommandRequest request) =>
        request.ChangeAsync<ReserveStockBody>(product, (id, body, shape) => new ReserveStock(
            id,
            request.NewId(),
            shape.Units("quantity", body.Quantity, 1, ProductLimits.AdjustmentUnitsMax),
            shape.Seconds("expiresInSeconds", body.ExpiresInSeconds, ProductLimits.ReservationSecondsMin, ProductLimits.ReservationSecondsMax),
            shape.OptionalText("reference", body.Reference, ProductLimits.ReferenceRunesMax)));
}
