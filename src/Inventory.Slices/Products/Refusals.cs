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
