namespace Inventory.Slices.Products;

// Facts about a product, as they happened. They are stored as JSON for ever: a member is never renamed or removed, and
// what they carry is enough to tell each of them in words without folding the stream from its beginning.

/// <summary>A product came into the catalogue.</summary>
/// <param name="Sku">Its stock keeping unit, as it was written.</param>
/// <param name="Name">Its name.</param>
/// <param name="InitialQuantity">Units on hand at the start, 0 to <see cref="ProductLimits.QuantityUnitsMax"/>.</param>
public sealed record ProductCreated(string Sku, string Name, int InitialQuantity);

/// <summary>A product got another name.</summary>
/// <param name="Name">The new name.</param>
/// <param name="PreviousName">The name until then.</param>
public sealed record ProductRenamed(string Name, string PreviousName);

/// <summary>Units came in or went out.</summary>
/// <param name="Delta">Units, positive when they came in. Never 0.</param>
/// <param name="Reason">Why, in the user's words ("sale", "receipt").</param>
/// <param name="Reference">A document it belongs to, such as an order number.</param>
public sealed record StockAdjusted(int Delta, string Reason, string? Reference);

/// <summary>Somebody counted what is there.</summary>
/// <param name="Counted">Units on hand from now on, 0 to <see cref="ProductLimits.QuantityUnitsMax"/>.</param>
/// <param name="Expected">Units that were on hand by the books.</param>
/// <param name="Reason">Why it was counted, or how a difference came about.</param>
public sealed record StockCounted(int Counted, int Expected, string? Reason);

/// <summary>Somebody asked to be told when stock is low, or no longer to be told.</summary>
/// <param name="ReorderPoint">Available units at or below which stock is low; null for never.</param>
/// <param name="PreviousReorderPoint">What it was until then.</param>
public sealed record ReorderPointSet(int? ReorderPoint, int? PreviousReorderPoint);

/// <summary>Units were promised to somebody for a while.</summary>
/// <param name="ReservationId">The reservation.</param>
/// <param name="Quantity">Units, 1 or more.</param>
/// <param name="ExpiresAt">When the promise ends by itself, UTC.</param>
/// <param name="Reference">A document it belongs to, such as an order number.</param>
public sealed record StockReserved(Guid ReservationId, int Quantity, DateTimeOffset ExpiresAt, string? Reference);

/// <summary>Promised units left the warehouse.</summary>
/// <param name="ReservationId">The reservation, closed by this.</param>
/// <param name="Quantity">Units that left, 1 or more.</param>
/// <param name="Returned">Units of the reservation that did not, and can be sold again. 0 or more.</param>
public sealed record ReservationCommitted(Guid ReservationId, int Quantity, int Returned);

/// <summary>Somebody gave a promise back.</summary>
/// <param name="ReservationId">The reservation, closed by this.</param>
/// <param name="Quantity">Units that can be sold again.</param>
public sealed record ReservationReleased(Guid ReservationId, int Quantity);

/// <summary>A promise ended because its time was over.</summary>
/// <param name="ReservationId">The reservation, closed by this.</param>
/// <param name="Quantity">Units that can be sold again.</param>
public sealed record ReservationExpired(Guid ReservationId, int Quantity);

/// <summary>A product is no longer dealt in.</summary>
/// <param name="Reason">Why, in the user's words.</param>
public sealed record ProductDiscontinued(string? Reason);

/// <summary>A discontinued product is dealt in again.</summary>
public sealed record ProductReinstated;
