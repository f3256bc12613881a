using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Catalog;

/// <summary>Gives a product another name. Whoever renames must have seen the name it has.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Name">The new name: 1 to <see cref="ProductLimits.NameRunesMax"/> Unicode scalar values, NFC.</param>
[OnConflict(Resolve.Reject,
    ClashesWith = [typeof(ProductRenamed), typeof(ProductDiscontinued)],
    CompatibleWith =
    [
        typeof(StockAdjusted), typeof(StockCounted), typeof(ReorderPointSet), typeof(StockReserved),
        typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired), typeof(ProductReinstated),
    ])]
[RefusedBy(typeof(DiscontinuedProduct))]
public sealed record RenameProduct(Guid ProductId, string Name) : ICommand<RenameProduct, Product>
{
    /// <summary>A discontinued product keeps its name. The name it already has is accepted too: it was said again.</summary>
    public static Decision Decide(RenameProduct command, Product current, DateTimeOffset now) => current switch
    {
        { Discontinued: true } => Decision.Refuse(new DiscontinuedProduct()),
        _ => Decision.Accept(new ProductRenamed(command.Name, current.Name)),
    };
}

/// <summary>Decides <see cref="RenameProduct"/> in Wolverine's aggregate handler workflow.</summary>
public static class RenameProductHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        RenameProduct command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
