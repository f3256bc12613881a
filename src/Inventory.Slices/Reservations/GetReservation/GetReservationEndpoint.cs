using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Reservations;

/// <summary>Shows one reservation, open or closed, exactly: it is written in the transaction of its product's events.</summary>
public static class GetReservationEndpoint
{
    [WolverineGet("/reservations/{reservation}")]
    [Shows("Show a reservation", typeof(ReservationView), nameof(ProblemTypes.InvalidFields), nameof(ProblemTypes.ReservationNotFound), nameof(ProblemTypes.Overloaded))]
    public static async Task<IResult> Get(string reservation, ReservationRecords reservations, DatabaseReads reads, CancellationToken cancellation)
    {
        var shape = new Shape();
        var id = shape.Id("reservation", reservation);
        if (shape.Problem is { } problem)
        {
            return problem;
        }

        return await reads.AnswerAsync(
            Work.ExactRead,
            async ct => await reservations.FindAsync(id, ct) is { } found
                ? TypedResults.Json(ReservationView.Of(found), HttpJson.Options)
                : new Problem(ProblemTypes.ReservationNotFound),
            cancellation);
    }
}
