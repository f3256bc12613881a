using Inventory.Conflicts;
using Inventory.Slices.Products;
using Wolverine.Attributes;

namespace Inventory.Slices.Stock;

/// <summary>Adds or takes units of several products, all or nothing: an order that is filled as a whole or not at all.</summary>
/// <param name="Deltas">Units by product, negative to take, not 0. 1 to <see cref="ProductLimits.OrderProductsMax"/> products.</param>
/// <param name="Reason">Why, in the user's words.</param>
/// <param name="Reference">A document it belongs to, such as an order number.</param>
[OnConflict(Resolve.Retry,
    CompatibleWith =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(ReorderPointSet),
        typeof(StockReserved), typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductDiscontinued), typeof(ProductReinstated),
    ])]
[RefusedBy(typeof(UnknownProducts), typeof(DiscontinuedProduct), typeof(InsufficientStock), typeof(StockLimitExceeded))]
public sealed record AdjustMany(IReadOnlyDictionary<Guid, int> Deltas, string Reason, string? Reference) : ICommandOnMany<AdjustMany, Product>
{
    /// <inheritdoc/>
    public IReadOnlyCollection<Guid> StreamIds => [.. Deltas.Keys];

    /// <summary>By the one rule for stock that moves, for each product. A refusal names all products that stand against it.</summary>
    public static DecisionOnMany Decide(AdjustMany command, IReadOnlyDictionary<Guid, Product> current, DateTimeOffset now)
    {
        if (command.Deltas.Keys.Where(id => !current.ContainsKey(id)).Order().ToList() is { Count: > 0 } unknown)
        {
            return new DecisionOnMany.Refused(new UnknownProducts(unknown));
        }

        var refused = command.Deltas
            .Select(line => (Product: current[line.Key], Refusal: current[line.Key].RefusalOf(line.Value)))
            .Where(line => line.Refusal is not null)
            .Select(line => new RefusedProduct(line.Product.Id, line.Product.Sku, line.Product.Version, line.Refusal!))
            .OrderBy(line => line.ProductId)
            .ToList();
        return refused.Count > 0
            ? new DecisionOnMany.Refused(new OrderRefused(refused))
            : new DecisionOnMany.Accepted(command.Deltas.ToDictionary(
                line => line.Key, IReadOnlyList<object> (line) => [new StockAdjusted(line.Value, command.Reason, command.Reference)]));
    }
}

/// <summary>Decides <see cref="AdjustMany"/>.</summary>
public static class AdjustManyHandler
{
    [Transactional]
    public static Task<Outcome<IReadOnlyList<Product>>> Handle(AdjustMany command, DecidingMany<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(command, cancellation);
}
