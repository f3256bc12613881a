using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Reservations;

/// <summary>Ends a promise whose time is over. The service sends it to itself (<see cref="ReservationDue"/>).</summary>
/// <param name="ProductId">The product.</param>
/// <param name="ReservationId">The reservation.</param>
[OnConflict(Resolve.Retry, Folds = true,
    CompatibleWith =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(ReorderPointSet),
        typeof(StockReserved), typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductDiscontinued), typeof(ProductReinstated),
    ])]
[RefusedBy(typeof(NoSuchReservation), typeof(ReservationIsCommitted), typeof(ReservationIsReleased), typeof(ReservationHasExpired))]
public sealed record ExpireReservation(Guid ProductId, Guid ReservationId) : ICommand<ExpireReservation, Product>, IConcernsReservation
{
    /// <summary>
    /// One that is closed already is left as it is. The time is not looked at again, because the schedule has done so, by the clock of
    /// a node that may differ a little from this one's.
    /// </summary>
    public static Decision Decide(ExpireReservation command, Product current, DateTimeOffset now) =>
        current.Reservations.GetValueOrDefault(command.ReservationId) switch
        {
            null => Decision.Refuse(new NoSuchReservation(command.ReservationId)),
            { Status: ReservationStatus.Open } reservation => Decision.Accept(new ReservationExpired(reservation.Id, reservation.Quantity)),
            var closed => Decision.Refuse(closed.RefusalAt(now)!),
        };
}

/// <summary>Decides <see cref="ExpireReservation"/> in Wolverine's aggregate handler workflow.</summary>
public static class ExpireReservationHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        ExpireReservation command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
