using Inventory.Slices.Products;
using JasperFx.Events;

namespace Inventory.Slices.Stock;

/// <summary>What an event moved.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Version">The event's version in its stream.</param>
/// <param name="Day">The day of the event, UTC.</param>
/// <param name="In">Units that came in. 0 or more.</param>
/// <param name="Out">Units that went out. 0 or more.</param>
/// <param name="Correction">Units by which a count differed from the books, negative when units were missing.</param>
internal readonly record struct Movement(Guid ProductId, long Version, DateOnly Day, long In, long Out, long Correction)
{
    /// <summary>What an event moved; null when it moved nothing. A reservation moves nothing until it is committed.</summary>
    public static Movement? Of(IEvent e)
    {
        var (into, outOf, correction) = e.Data switch
        {
            ProductCreated created => (created.InitialQuantity, 0, 0L),
            StockAdjusted { Delta: > 0 } adjusted => (adjusted.Delta, 0, 0),
            StockAdjusted adjusted => (0, -adjusted.Delta, 0),
            ReservationCommitted committed => (0, committed.Quantity, 0),
            StockCounted counted => (0, 0, (long)counted.Counted - counted.Expected),
            _ => (0, 0, 0),
        };
        return (into, outOf, correction) == (0, 0, 0)
            ? null
            : new Movement(e.StreamId, e.Version, DateOnly.FromDateTime(e.Timestamp.UtcDateTime), into, outOf, correction);
    }
}
