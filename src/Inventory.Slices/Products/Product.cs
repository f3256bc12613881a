using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Inventory.Conflicts;

namespace Inventory.Slices.Products;

/// <summary>
/// One product: the fold of its stream, stored as an inline snapshot in the transaction of the events. Immutable.
/// </summary>
public sealed record Product : IAggregate<Product>
{
    /// <summary>The stream's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The version of the stream that this state reflects; 1 after <see cref="ProductCreated"/>.</summary>
    public long Version { get; init; }

    /// <summary>The stock keeping unit as it was written; unique without case.</summary>
    public required string Sku { get; init; }

    /// <summary>The <see cref="Products.Sku.Key"/> that makes it unique.</summary>
    public required string SkuKey { get; init; }

    /// <summary>The name people know it by.</summary>
    public required string Name { get; init; }

    /// <summary>Units in the warehouse, whether promised to somebody or not. 0 or more.</summary>
    public int OnHand { get; init; }

    /// <summary>Units promised by open reservations. 0 or more, never above <see cref="OnHand"/>.</summary>
    public int Reserved { get; init; }

    /// <summary>Units that can still be sold: on hand less reserved. 0 or more.</summary>
    public int Available => OnHand - Reserved;

    /// <summary>Stock at or below this counts as low; null when nobody asked to be told.</summary>
    public int? ReorderPoint { get; init; }

    /// <summary>The product is no longer dealt in.</summary>
    public bool Discontinued { get; init; }

    /// <summary>When each kind of event happened last; null in a snapshot that was written before it was kept.</summary>
    public LastVersions? LastVersions { get; init; }

    /// <summary>
    /// The reservations that the commands at hand are about. They are kept in a table of their own, so that a product costs the
    /// same however many are open; whoever needs one loads it beside the state.
    /// </summary>
    [JsonIgnore]
    public ImmutableDictionary<Guid, Reservation> Reservations { get; init; } = ImmutableDictionary<Guid, Reservation>.Empty;

    /// <summary>
    /// Why units cannot be added or taken, or null when they can: stock never goes below zero, nor above what a product may hold, and a
    /// discontinued product takes no change.
    /// </summary>
    /// <param name="delta">Units, negative to take.</param>
    public Refusal? RefusalOf(int delta) => this switch
    {
        { Discontinued: true } => new DiscontinuedProduct(),
        _ when Available + delta < 0 => new InsufficientStock(-delta, Available),
        _ when OnHand + delta > ProductLimits.QuantityUnitsMax => new StockLimitExceeded(delta, OnHand),
        _ => null,
    };

    /// <inheritdoc/>
    public static IReadOnlyList<Type> LaterEventTypes => ProductEventTypes.Later;

    /// <inheritdoc/>
    public static Product Fold(Product? state, Guid id, object @event)
    {
        var after = Apply(state, id, @event);
        return after with { LastVersions = LastVersions.After(state?.LastVersions, after.Version, @event.GetType()) };
    }

    private static Product Apply(Product? state, Guid id, object @event) => (state, @event) switch
    {
        (_, ProductCreated e) => new Product
        {
            Id = id,
            Version = 1,
            Sku = e.Sku,
            SkuKey = Products.Sku.Key(e.Sku),
            Name = e.Name,
            OnHand = e.InitialQuantity,
        },
        (null, _) => throw new InvalidOperationException($"Stream {id} begins with {@event.GetType().Name}, not ProductCreated."),
        (_, ProductRenamed e) => state.Next() with { Name = e.Name },
        (_, StockAdjusted e) => state.Next() with { OnHand = state.OnHand + e.Delta },
        (_, StockCounted e) => state.Next() with { OnHand = e.Counted },
        (_, ReorderPointSet e) => state.Next() with { ReorderPoint = e.ReorderPoint },
        (_, StockReserved e) => state.Next() with
        {
            Reserved = state.Reserved + e.Quantity,
            Reservations = state.Reservations.SetItem(e.ReservationId, Reservation.Of(e, id)),
        },
        (_, ReservationCommitted e) => state.Next() with
        {
            OnHand = state.OnHand - e.Quantity,
            Reserved = state.Reserved - e.Quantity - e.Returned,
            Reservations = state.Closed(e.ReservationId, ReservationStatus.Committed, e.Quantity),
        },
        (_, ReservationReleased e) => state.Next() with
        {
            Reserved = state.Reserved - e.Quantity,
            Reservations = state.Closed(e.ReservationId, ReservationStatus.Released),
        },
        (_, ReservationExpired e) => state.Next() with
        {
            Reserved = state.Reserved - e.Quantity,
            Reservations = state.Closed(e.ReservationId, ReservationStatus.Expired),
        },
        (_, ProductDiscontinued) => state.Next() with { Discontinued = true },
        (_, ProductReinstated) => state.Next() with { Discontinued = false },
        _ => state.Next(),
    };

    /// <inheritdoc/>
    public static Product Fold(Product? state, Guid id, object @event, EventOrigin origin)
    {
        var after = Fold(state, id, @event);
        return ReservationOf(@event) is { } reservation && after.Reservations.TryGetValue(reservation, out var changed)
            ? after with { Reservations = after.Reservations.SetItem(reservation, changed.By(origin)) }
            : after;
    }

    /// <summary>The reservation that an event is about, if it is about one.</summary>
    public static Guid? ReservationOf(object @event) => @event switch
    {
        StockReserved e => e.ReservationId,
        ReservationCommitted e => e.ReservationId,
        ReservationReleased e => e.ReservationId,
        ReservationExpired e => e.ReservationId,
        _ => null,
    };

    /// <inheritdoc/>
    /// <remarks>Reservations are not taken back: whoever looks into the past looks at the stock.</remarks>
    public static Product Unfold(Product after, object @event) => @event switch
    {
        ProductRenamed e => after.Previous() with { Name = e.PreviousName },
        StockAdjusted e => after.Previous() with { OnHand = after.OnHand - e.Delta },
        StockCounted e => after.Previous() with { OnHand = e.Expected },
        ReorderPointSet e => after.Previous() with { ReorderPoint = e.PreviousReorderPoint },
        StockReserved e => after.Previous() with { Reserved = after.Reserved - e.Quantity },
        ReservationCommitted e => after.Previous() with
        {
            OnHand = after.OnHand + e.Quantity,
            Reserved = after.Reserved + e.Quantity + e.Returned,
        },
        ReservationReleased e => after.Previous() with { Reserved = after.Reserved + e.Quantity },
        ReservationExpired e => after.Previous() with { Reserved = after.Reserved + e.Quantity },
        ProductDiscontinued => after.Previous() with { Discontinued = false },
        ProductReinstated => after.Previous() with { Discontinued = true },
        _ => after.Previous(),
    };

    /// <inheritdoc/>
    public static string Describe(object @event, Product after) => @event switch
    {
        ProductCreated e => $"created as “{e.Name}” ({e.Sku}), {Units(e.InitialQuantity)} on hand",
        ProductRenamed e => $"“{e.PreviousName}” → “{e.Name}”",
        StockAdjusted e => $"{Signed(e.Delta)} ({Joined(e.Reason, e.Reference)}), {Units(after.OnHand)} on hand",
        StockCounted e => $"counted {Units(e.Counted)}, {Units(e.Expected)} were expected{InBrackets(e.Reason)}",
        ReorderPointSet { ReorderPoint: null } => "low stock is no longer told",
        ReorderPointSet e => $"low stock is told at {Units(e.ReorderPoint.Value)} available",
        StockReserved e => $"{Units(e.Quantity)} reserved{InBrackets(e.Reference)}, {Units(after.Available)} available",
        ReservationCommitted { Returned: 0 } e => $"{Units(e.Quantity)} reserved units left, {Units(after.OnHand)} on hand",
        ReservationCommitted e => $"{Units(e.Quantity)} of {Units(e.Quantity + e.Returned)} reserved units left, {Units(after.OnHand)} on hand",
        ReservationReleased e => $"reservation of {Units(e.Quantity)} released, {Units(after.Available)} available",
        ReservationExpired e => $"reservation of {Units(e.Quantity)} expired, {Units(after.Available)} available",
        ProductReinstated => "dealt in again",
        ProductDiscontinued { Reason: null } => "discontinued",
        ProductDiscontinued e => $"discontinued ({e.Reason})",
        _ => @event.GetType().Name,
    };

    /// <inheritdoc/>
    public static string Describe(object @event) => @event switch
    {
        StockAdjusted e => $"{Signed(e.Delta)} ({Joined(e.Reason, e.Reference)})",
        StockReserved e => $"{Units(e.Quantity)} reserved{InBrackets(e.Reference)}",
        ReservationCommitted e => $"{Units(e.Quantity)} of {Units(e.Quantity + e.Returned)} reserved units left",
        ReservationReleased e => $"reservation of {Units(e.Quantity)} released",
        ReservationExpired e => $"reservation of {Units(e.Quantity)} expired",
        // The others tell nothing of the state after them.
        _ => Describe(@event, null!),
    };

    private Product Next() => this with { Version = Version + 1 };

    private Product Previous() => this with { Version = Version - 1 };

    // Without the reservation at hand there is nothing to close: the stock is right all the same.
    private ImmutableDictionary<Guid, Reservation> Closed(Guid id, ReservationStatus status, int committed = 0) =>
        Reservations.TryGetValue(id, out var reservation) ? Reservations.SetItem(id, reservation.Closed(status, committed)) : Reservations;

    private static string Units(int units) => units.ToString(CultureInfo.InvariantCulture);

    private static string Signed(int delta) => (delta < 0 ? "−" : "+") + Units(Math.Abs(delta));

    private static string InBrackets(string? text) => text is null ? "" : $" ({text})";

    private static string Joined(string reason, string? reference) => reference is null ? reason : $"{reason} {reference}";
}
