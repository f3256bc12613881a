using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Reservations;

/// <summary>Promises units to somebody for a while.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="ReservationId">The new reservation's id.</param>
/// <param name="Quantity">Units, 1 to <see cref="ProductLimits.AdjustmentUnitsMax"/>.</param>
/// <param name="ExpiresInSeconds">
/// How long, <see cref="ProductLimits.ReservationSecondsMin"/> to <see cref="ProductLimits.ReservationSecondsMax"/>, from the moment it is accepted.
/// </param>
/// <param name="Reference">A document it belongs to, such as an order number.</param>
[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(ProductDiscontinued)],
    CompatibleWith =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(ReorderPointSet),
        typeof(StockReserved), typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductReinstated),
    ])]
[RefusedBy(typeof(DiscontinuedProduct), typeof(InsufficientStock))]
public sealed record ReserveStock(Guid ProductId, Guid ReservationId, int Quantity, int ExpiresInSeconds, string? Reference)
    : ICommand<ReserveStock, Product>, IOpensReservation
{
    /// <summary>Nothing is promised twice, nor of a discontinued product.</summary>
    public static Decision Decide(ReserveStock command, Product current, DateTimeOffset now) => current switch
    {
        { Discontinued: true } => Decision.Refuse(new DiscontinuedProduct()),
        _ when command.Quantity > current.Available => Decision.Refuse(new InsufficientStock(command.Quantity, current.Available)),
        _ => Decision.Accept(new StockReserved(command.ReservationId, command.Quantity, now.AddSeconds(command.ExpiresInSeconds), command.Reference)),
    };
}

/// <summary>Decides <see cref="ReserveStock"/> in Wolverine's aggregate handler workflow.</summary>
public static class ReserveStockHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        ReserveStock command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
