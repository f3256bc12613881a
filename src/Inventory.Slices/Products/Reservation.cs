using Inventory.Conflicts;

namespace Inventory.Slices.Products;

/// <summary>Where a reservation is in its life. Every one ends in exactly one of the other three.</summary>
public enum ReservationStatus
{
    /// <summary>The units are promised.</summary>
    Open,

    /// <summary>They left the warehouse, all or some.</summary>
    Committed,

    /// <summary>Somebody gave them back.</summary>
    Released,

    /// <summary>The time was over first.</summary>
    Expired,
}

/// <summary>Units of a product that are promised to somebody for a while.</summary>
public sealed record Reservation
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The product.</summary>
    public required Guid ProductId { get; init; }

    /// <summary>Units promised, 1 or more.</summary>
    public required int Quantity { get; init; }

    /// <summary>Where it is in its life.</summary>
    public ReservationStatus Status { get; init; }

    /// <summary>When the promise ends by itself, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>A document it belongs to, such as an order number.</summary>
    public string? Reference { get; init; }

    /// <summary>Units that left the warehouse; null as long as it is not committed.</summary>
    public int? CommittedQuantity { get; init; }

    /// <summary>Who reserved.</summary>
    public EventOrigin? OpenedBy { get; init; }

    /// <summary>Who closed it; null while it is open.</summary>
    public EventOrigin? ClosedBy { get; init; }

    /// <summary>A new one.</summary>
    public static Reservation Of(StockReserved reserved, Guid productId)
    {
        ArgumentNullException.ThrowIfNull(reserved);
        return new Reservation
        {
            Id = reserved.ReservationId,
            ProductId = productId,
            Quantity = reserved.Quantity,
            ExpiresAt = reserved.ExpiresAt,
            Reference = reserved.Reference,
        };
    }

    /// <summary>The same at its end.</summary>
    public Reservation Closed(ReservationStatus status, int committed) =>
        this with { Status = status, CommittedQuantity = status == ReservationStatus.Committed ? committed : null };

    /// <summary>The same, and who brought it to where it is.</summary>
    public Reservation By(EventOrigin origin) => Status == ReservationStatus.Open ? this with { OpenedBy = origin } : this with { ClosedBy = origin };

    /// <summary>
    /// Why it can no longer be committed or released, or null when it can. Once its time is over it cannot, also in the
    /// moments until its end is recorded.
    /// </summary>
    public Refusal? RefusalAt(DateTimeOffset now) => Status switch
    {
        ReservationStatus.Open when now < ExpiresAt => null,
        ReservationStatus.Open => new ReservationHasExpired(Id, CommandContext.System, ExpiresAt),
        ReservationStatus.Committed => new ReservationIsCommitted(Id, ClosedBy?.Actor, ClosedBy?.At),
        ReservationStatus.Released => new ReservationIsReleased(Id, ClosedBy?.Actor, ClosedBy?.At),
        _ => new ReservationHasExpired(Id, ClosedBy?.Actor, ClosedBy?.At),
    };
}

/// <summary>A command about one reservation of a product: it is loaded beside the product before the command is decided.</summary>
public interface IConcernsReservation
{
    /// <summary>The reservation.</summary>
    Guid ReservationId { get; }
}

/// <summary>A command that makes a reservation, under an id that it brings along.</summary>
public interface IOpensReservation : IConcernsReservation;

/// <summary>A reservation as answers show it. Quantities are whole units, times UTC.</summary>
public sealed record ReservationView(
    Guid Id, Guid ProductId, int Quantity, ReservationStatus Status, DateTimeOffset ExpiresAt, string? Reference, int? CommittedQuantity,
    string? ReservedBy, DateTimeOffset? ReservedAt, string? ClosedBy, DateTimeOffset? ClosedAt)
{
    /// <summary>Shows a reservation.</summary>
    public static ReservationView Of(Reservation reservation)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        return new ReservationView(
            reservation.Id, reservation.ProductId, reservation.Quantity, reservation.Status, reservation.ExpiresAt, reservation.Reference,
            reservation.CommittedQuantity, reservation.OpenedBy?.Actor, reservation.OpenedBy?.At, reservation.ClosedBy?.Actor, reservation.ClosedBy?.At);
    }
}
