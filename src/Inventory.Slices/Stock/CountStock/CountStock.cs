using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Slices.Stock;

/// <summary>
/// Sets the stock to what somebody counted. Stock that moved since they looked clashes: it is not known whether they counted before or
/// after. They can say so themselves, by <see cref="OnConflict"/>.
/// </summary>
/// <param name="ProductId">The product.</param>
/// <param name="Counted">Units counted, 0 to <see cref="ProductLimits.QuantityUnitsMax"/>.</param>
/// <param name="Reason">Why it was counted, or how a difference came about.</param>
/// <param name="OnConflict">How the sender settles a conflict. Default: not at all.</param>
[OnConflict(Resolve.Reject,
    ClashesWith = [typeof(StockAdjusted), typeof(StockCounted), typeof(ReservationCommitted), typeof(ProductDiscontinued)],
    CompatibleWith =
    [
        typeof(ProductRenamed), typeof(ReorderPointSet), typeof(StockReserved), typeof(ReservationReleased),
        typeof(ReservationExpired), typeof(ProductReinstated),
    ])]
[RefusedBy(typeof(DiscontinuedProduct), typeof(CountBelowReserved), typeof(StockLimitExceeded))]
public sealed record CountStock(Guid ProductId, int Counted, string? Reason, CountConflict OnConflict = CountConflict.Reject)
    : ICommand<CountStock, Product>, ISettlesConflicts<Product>
{
    /// <summary>A count equal to the stock is recorded too. What is promised to somebody cannot be counted away.</summary>
    public static Decision Decide(CountStock command, Product current, DateTimeOffset now) => To(command.Counted, command.Reason, current);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object> Options(Product seen, Product current) => new Dictionary<string, object>
    {
        ["keepCounted"] = new { onHand = Counted },
        ["keepDifference"] = new { onHand = WithDifference(seen, current) },
    };

    /// <inheritdoc/>
    public Decision? Settle(Product seen, Product current) => OnConflict switch
    {
        CountConflict.KeepCounted => To(Counted, Reason, current),
        CountConflict.KeepDifference => To(WithDifference(seen, current), Reason, current),
        _ => null,
    };

    /// <summary>What was found more or fewer than expected, applied to what is there now.</summary>
    private int WithDifference(Product seen, Product current) => current.OnHand + (Counted - seen.OnHand);

    private static Decision To(int counted, string? reason, Product current) => current switch
    {
        { Discontinued: true } => Decision.Refuse(new DiscontinuedProduct()),
        _ when counted < current.Reserved => Decision.Refuse(new CountBelowReserved(counted, current.Reserved)),
        _ when counted > ProductLimits.QuantityUnitsMax => Decision.Refuse(new StockLimitExceeded(counted - current.OnHand, current.OnHand)),
        _ => Decision.Accept(new StockCounted(counted, current.OnHand, reason)),
    };
}

/// <summary>How whoever counted settles that the stock has moved since they looked.</summary>
public enum CountConflict
{
    /// <summary>Not at all: tell me what happened.</summary>
    Reject,

    /// <summary>I counted after it happened: what I counted is there.</summary>
    KeepCounted,

    /// <summary>I counted before it happened: what I found more or fewer than expected still holds.</summary>
    KeepDifference,
}

/// <summary>Decides <see cref="CountStock"/> in Wolverine's aggregate handler workflow.</summary>
public static class CountStockHandler
{
    [AggregateHandler]
    public static Task<Outcome<Product>> Handle(
        CountStock command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
