using Inventory.Conflicts;

namespace Inventory.Slices.Products;

/// <summary>More units were asked for than are available.</summary>
/// <param name="Requested">Units asked for.</param>
/// <param name="Available">Units available at the version the refusal names.</param>
public sealed record InsufficientStock(int Requested, int Available)
    : Refusal($"{Requested} units were requested and {Available} are available. Ask for fewer, or receive stock first.");

/// <summary>The stock would exceed what a product may have on hand.</summary>
/// <param name="Requested">Units that were to be added.</param>
/// <param name="OnHand">Units on hand at the version the refusal names.</param>
public sealed record StockLimitExceeded(int Requested, int OnHand)
    : Refusal($"{OnHand} units are on hand; {Requested} more would exceed {ProductLimits.QuantityUnitsMax}. Check the quantity.");

/// <summary>The product is no longer dealt in.</summary>
public sealed record DiscontinuedProduct()
    : Refusal("The product is discontinued, so it takes no further changes. Reinstate it first if that was a mistake.");

/// <summary>Another product has this stock keeping unit, in whatever case.</summary>
public sealed record SkuTaken(string Sku, Guid ProductId)
    : Refusal($"The SKU {Sku} belongs to product {ProductId}. Choose another SKU, or change that product.");

/// <summary>Another product has this id.</summary>
public sealed record IdTaken(Guid ProductId)
    : Refusal($"There is a product {ProductId} already. Leave the id out to get a new one, or change that product.");

/// <summary>Fewer units were counted than are promised to somebody.</summary>
/// <param name="Counted">Units counted.</param>
/// <param name="Reserved">Units promised by open reservations.</param>
public sealed record CountBelowReserved(int Counted, int Reserved)
    : Refusal($"{Counted} units were counted and {Reserved} are reserved. Release reservations until they fit, then send the count again.");

/// <summary>The product is dealt in, so there is nothing to reinstate.</summary>
public sealed record ProductIsDealtIn()
    : Refusal("The product is not discontinued, so there is nothing to reinstate.");

/// <summary>The product has no such reservation.</summary>
public sealed record NoSuchReservation(Guid ReservationId)
    : Refusal($"The product has no reservation {ReservationId}. Check both ids; GET /products/{{product}}/reservations lists what is open.")
{
    /// <inheritdoc/>
    public override bool IsFinal => false;
}

/// <summary>More units are to leave than the reservation holds.</summary>
/// <param name="Requested">Units that were to leave.</param>
/// <param name="Reserved">Units that the reservation holds.</param>
public sealed record CommitExceedsReservation(int Requested, int Reserved)
    : Refusal($"{Requested} units were to leave and {Reserved} are reserved. Commit at most those, and sell the others with an adjustment.");

/// <summary>The reservation was committed before.</summary>
public sealed record ReservationIsCommitted(Guid ReservationId, string? By, DateTimeOffset? At)
    : Refusal($"The reservation was committed by {By} at {At:u}, so it can be neither committed nor released any more.");

/// <summary>The reservation was given back before.</summary>
public sealed record ReservationIsReleased(Guid ReservationId, string? By, DateTimeOffset? At)
    : Refusal($"The reservation was released by {By} at {At:u}, so it can be neither committed nor released any more. Reserve again.");

/// <summary>The reservation's time was over before.</summary>
public sealed record ReservationHasExpired(Guid ReservationId, string? By, DateTimeOffset? At)
    : Refusal($"The reservation expired at {At:u}, so it can be neither committed nor released any more. Reserve again.");

/// <summary>Some products of an order do not exist.</summary>
public sealed record UnknownProducts(IReadOnlyList<Guid> ProductIds)
    : Refusal($"No product has the id {string.Join(", ", ProductIds)}. Correct the lines; nothing of the order was done.")
{
    /// <inheritdoc/>
    public override bool IsFinal => false;
}

/// <summary>Rules stand against some products of an order, so nothing of it was done.</summary>
public sealed record OrderRefused(IReadOnlyList<RefusedProduct> Products)
    : Refusal($"{Products.Count} of the order's products stand against it, so nothing of it was done. “products” says for each what to do.");

/// <summary>Why one product of an order stands against it.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Sku">Its stock keeping unit.</param>
/// <param name="Version">The version that the refusal is true of.</param>
/// <param name="Refusal">The rule.</param>
public sealed record RefusedProduct(Guid ProductId, string Sku, long Version, Refusal Refusal);
