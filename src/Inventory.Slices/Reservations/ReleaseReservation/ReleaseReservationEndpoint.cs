using Inventory.Slices.Hosting;
using Wolverine.Http;

namespace Inventory.Slices.Reservations;

/// <summary>The body of <c>POST /products/{product}/reservations/{reservation}/release</c>.</summary>
public sealed record ReleaseReservationBody;

public static class ReleaseReservationEndpoint
{
    [WolverinePost("/products/{product}/reservations/{reservation}/release")]
    [Changes<ReleaseReservation, ReleaseReservationBody>("Give promised units back")]
    public static Task<IResult> Post(string product, string reservation, CommandRequest request) =>
        request.ChangeAsync<ReleaseReservationBody>(product, (id, _, shape) => new ReleaseReservation(id, shape.Id("reservation", reservation)));
}
