using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Stock;

/// <summary>Says from when on stock counts as low. Also for a discontinued product: nobody has to be told of its stock.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="ReorderPoint">Available units at or below which stock is low, 0 to <see cref="ProductLimits.QuantityUnitsMax"/>; null for never.</param>
[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(ReorderPointSet)],
    CompatibleWith =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(StockReserved),
        typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductDiscontinued), typeof(ProductReinstated),
    ])]
public sealed record SetReorderPoint(Guid ProductId, int? ReorderPoint) : ICommand<SetReorderPoint, Product>
{
    /// <summary>No rule stands against it. The point that is set already is accepted too: it was said again.</summary>
    public static Decision Decide(SetReorderPoint command, Product current, DateTimeOffset now) =>
        Decision.Accept(new ReorderPointSet(command.ReorderPoint, current.ReorderPoint));
}

/// <summary>Decides <see cref="SetReorderPoint"/> in Wolverine's aggregate handler workflow.</summary>
public static class SetReorderPointHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        SetReorderPoint command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
