using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Catalog;

/// <summary>Brings a discontinued product back into trade. Whoever does so must have seen all of it.</summary>
/// <param name="ProductId">The product.</param>
[OnConflict(Resolve.Reject,
    ClashesWith =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(StockReserved),
        typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductDiscontinued), typeof(ProductReinstated),
    ],
    CompatibleWith = [typeof(ReorderPointSet)])]
[RefusedBy(typeof(ProductIsDealtIn))]
public sealed record ReinstateProduct(Guid ProductId) : ICommand<ReinstateProduct, Product>
{
    /// <summary>Only what was discontinued can be reinstated.</summary>
    public static Decision Decide(ReinstateProduct command, Product current, DateTimeOffset now) => current switch
    {
        { Discontinued: false } => Decision.Refuse(new ProductIsDealtIn()),
        _ => Decision.Accept(new ProductReinstated()),
    };
}

/// <summary>Decides <see cref="ReinstateProduct"/> in Wolverine's aggregate handler workflow.</summary>
public static class ReinstateProductHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        ReinstateProduct command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
