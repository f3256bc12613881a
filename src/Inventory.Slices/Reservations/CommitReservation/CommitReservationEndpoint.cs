using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Reservations;

/// <summary>The body of <c>POST /products/{product}/reservations/{reservation}/commit</c>. Without a quantity all of it leaves.</summary>
public sealed record CommitReservationBody(int? Quantity = null);

public static class CommitReservationEndpoint
{
    [WolverinePost("/products/{product}/reservations/{reservation}/commit")]
    [Changes<CommitReservation, CommitReservationBody>("Take promised units out of the warehouse")]
    public static Task<IResult> Post(string product, string reservation, CommandRequest request) =>
        request.ChangeAsync<CommitReservationBody>(product, (id, body, shape) => new CommitReservation(
            id,
            shape.Id("reservation", reservation),
            body.Quantity is { } quantity ? shape.Units("quantity", quantity, 1, ProductLimits.AdjustmentUnitsMax) : null));
}
