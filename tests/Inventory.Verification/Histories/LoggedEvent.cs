namespace Inventory.Verification.Histories;

/// <summary>An event as it stands in the database.</summary>
/// <param name="Sequence">Its number in the whole store.</param>
/// <param name="Product">The product.</param>
/// <param name="Version">Its version in the product's stream.</param>
/// <param name="Type">Its type, as it is stored.</param>
/// <param name="Actor">Who caused it: the id of an operation, or <see cref="System"/>.</param>
/// <param name="Command">The command's id.</param>
internal sealed record LoggedEvent(long Sequence, Guid Product, long Version, string Type, string Actor, Guid Command)
{
    /// <summary>The actor of what the service does by itself.</summary>
    public const string System = "system";

    public const string Created = "product_created";
    public const string Renamed = "product_renamed";
    public const string Adjusted = "stock_adjusted";
    public const string Counted = "stock_counted";
    public const string ReorderPointSet = "reorder_point_set";
    public const string Reserved = "stock_reserved";
    public const string Committed = "reservation_committed";
    public const string Released = "reservation_released";
    public const string Discontinued = "product_discontinued";
    public const string Reinstated = "product_reinstated";
    public const string Expired = "reservation_expired";

    /// <summary>
    /// Units: there at the start, added (signed), counted, reserved, that left or came back, or below which the stock is low.
    /// </summary>
    public int Amount { get; init; }

    /// <summary>Units of a committed reservation that came back.</summary>
    public int Returned { get; init; }

    /// <summary>The name.</summary>
    public string? Text { get; init; }

    /// <summary>The reservation.</summary>
    public Guid? Reservation { get; init; }

    /// <summary>The trace that it belongs to (<see cref="Operation.TraceOf"/>); null when it has none.</summary>
    public string? Trace { get; init; }

    /// <summary>When the reservation ends by itself.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
