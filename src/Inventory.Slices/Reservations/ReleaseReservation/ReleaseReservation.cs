using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Reservations;

/// <summary>Gives a promise back: its units can be sold again.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="ReservationId">The reservation; it is closed by this.</param>
[OnConflict(Resolve.Retry, Folds = true,
    CompatibleWith =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(ReorderPointSet),
        typeof(StockReserved), typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductDiscontinued), typeof(ProductReinstated),
    ])]
[RefusedBy(typeof(NoSuchReservation), typeof(ReservationIsCommitted), typeof(ReservationIsReleased), typeof(ReservationHasExpired))]
public sealed record ReleaseReservation(Guid ProductId, Guid ReservationId) : ICommand<ReleaseReservation, Product>, IConcernsReservation
{
    /// <summary>Only an open promise can be given back. Also of a product that was discontinued since.</summary>
    public static Decision Decide(ReleaseReservation command, Product current, DateTimeOffset now) =>
        current.Reservations.GetValueOrDefault(command.ReservationId) is not { } reservation ? Decision.Refuse(new NoSuchReservation(command.ReservationId))
        : reservation.RefusalAt(now) is { } refusal ? Decision.Refuse(refusal)
        : Decision.Accept(new ReservationReleased(reservation.Id, reservation.Quantity));
}

/// <summary>Decides <see cref="ReleaseReservation"/> in Wolverine's aggregate handler workflow.</summary>
public static class ReleaseReservationHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        ReleaseReservation command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
