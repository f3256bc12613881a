using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Reservations;

/// <summary>Takes promised units out of the warehouse, all or some; the rest can be sold again.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="ReservationId">The reservation; it is closed by this.</param>
/// <param name="Quantity">Units that leave, 1 to what is reserved; null for all.</param>
[OnConflict(Resolve.Retry, Folds = true,
    CompatibleWith =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(ReorderPointSet),
        typeof(StockReserved), typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductDiscontinued), typeof(ProductReinstated),
    ])]
[RefusedBy(
    typeof(NoSuchReservation), typeof(ReservationIsCommitted), typeof(ReservationIsReleased),
    typeof(ReservationHasExpired), typeof(CommitExceedsReservation))]
public sealed record CommitReservation(Guid ProductId, Guid ReservationId, int? Quantity)
    : ICommand<CommitReservation, Product>, IConcernsReservation
{
    /// <summary>A promise is kept once, in its time, and up to what was promised. Also of a product that was discontinued since.</summary>
    public static Decision Decide(CommitReservation command, Product current, DateTimeOffset now)
    {
        if (!current.Reservations.TryGetValue(command.ReservationId, out var reservation))
        {
            return Decision.Refuse(new NoSuchReservation(command.ReservationId));
        }

        var quantity = command.Quantity ?? reservation.Quantity;
        return reservation.RefusalAt(now) is { } refusal ? Decision.Refuse(refusal)
            : quantity > reservation.Quantity ? Decision.Refuse(new CommitExceedsReservation(quantity, reservation.Quantity))
            : Decision.Accept(new ReservationCommitted(reservation.Id, quantity, reservation.Quantity - quantity));
    }
}

/// <summary>Decides <see cref="CommitReservation"/> in Wolverine's aggregate handler workflow.</summary>
public static class CommitReservationHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        CommitReservation command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
