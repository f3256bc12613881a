using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;

namespace Inventory.Slices.Stock;

/// <summary>One event of a product's history, as answers tell it.</summary>
/// <param name="Version">Its version in the stream.</param>
/// <param name="Event">Its type.</param>
/// <param name="Summary">It in words.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Reason">Why, in that person's words; null for events without one.</param>
/// <param name="Reference">A document it belongs to, such as an order number.</param>
/// <param name="OnHand">Units on hand after it.</param>
/// <param name="Reserved">Units reserved after it.</param>
/// <param name="Available">Units available after it.</param>
/// <param name="CommandId">The command that brought it about; events of one command share it.</param>
public sealed record HistoryItem(
    long Version, string Event, string Summary, string Actor, DateTimeOffset At, string? Reason, string? Reference, int OnHand, int Reserved, int Available,
    string? CommandId)
{
    /// <summary>Tells an event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="after">The product right after it.</param>
    public static HistoryItem Of(IEvent e, Product after)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(after);
        var (reason, reference) = e.Data switch
        {
            StockAdjusted adjusted => (adjusted.Reason, adjusted.Reference),
            StockCounted counted => (counted.Reason, null),
            StockReserved reserved => (null, reserved.Reference),
            ProductDiscontinued discontinued => (discontinued.Reason, null),
            _ => ((string?)null, (string?)null),
        };
        return new HistoryItem(
            e.Version, e.EventType.Name, Product.Describe(e.Data, after), e.UserName ?? CommandContext.System, e.Timestamp.ToUniversalTime(), reason, reference,
            after.OnHand, after.Reserved, after.Available, e.CausationId);
    }
}
