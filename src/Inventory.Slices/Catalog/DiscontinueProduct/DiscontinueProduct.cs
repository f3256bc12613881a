using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Catalog;

/// <summary>
/// Takes a product out of trade: it is neither sold, reserved, counted nor renamed from then on. What is reserved already can still be
/// committed or released. Whoever ends a product's trade must have seen all of it.
/// </summary>
/// <param name="ProductId">The product.</param>
/// <param name="Reason">Why, in the user's words.</param>
[OnConflict(Resolve.Reject,
    ClashesWith =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(StockReserved),
        typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductDiscontinued), typeof(ProductReinstated),
    ],
    CompatibleWith = [typeof(ReorderPointSet)])]
[RefusedBy(typeof(DiscontinuedProduct))]
public sealed record DiscontinueProduct(Guid ProductId, string? Reason) : ICommand<DiscontinueProduct, Product>
{
    /// <summary>Once is enough.</summary>
    public static Decision Decide(DiscontinueProduct command, Product current, DateTimeOffset now) => current switch
    {
        { Discontinued: true } => Decision.Refuse(new DiscontinuedProduct()),
        _ => Decision.Accept(new ProductDiscontinued(command.Reason)),
    };
}

/// <summary>Decides <see cref="DiscontinueProduct"/> in Wolverine's aggregate handler workflow.</summary>
public static class DiscontinueProductHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        DiscontinueProduct command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
