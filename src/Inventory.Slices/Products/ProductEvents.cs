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

/// <summary>A product is no longer dealt in.</summary>
/// <param name="Reason">Why, in the user's words.</param>
public sealed record ProductDiscontinued(string? Reason);
