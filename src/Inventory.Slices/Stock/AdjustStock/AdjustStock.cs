using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Stock;

/// <summary>Adds units to a product's stock or takes them from it.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Delta">
/// Units, negative to take; −<see cref="ProductLimits.AdjustmentUnitsMax"/> to <see cref="ProductLimits.AdjustmentUnitsMax"/>, not 0.
/// </param>
/// <param name="Reason">Why, in the user's words.</param>
/// <param name="Reference">A document it belongs to, such as an order number.</param>
[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(ProductDiscontinued)],
    CompatibleWith =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(ReorderPointSet),
        typeof(StockReserved), typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductReinstated),
    ])]
[RefusedBy(typeof(DiscontinuedProduct), typeof(InsufficientStock), typeof(StockLimitExceeded))]
public sealed record AdjustStock(Guid ProductId, int Delta, string Reason, string? Reference) : ICommand<AdjustStock, Product>
{
    /// <summary>By the one rule for stock that moves.</summary>
    public static Decision Decide(AdjustStock command, Product current, DateTimeOffset now) => current.RefusalOf(command.Delta) is { } refusal
        ? Decision.Refuse(refusal)
        : Decision.Accept(new StockAdjusted(command.Delta, command.Reason, command.Reference));
}

/// <summary>Decides <see cref="AdjustStock"/> in Wolverine's aggregate handler workflow.</summary>
public static class AdjustStockHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        AdjustStock command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
