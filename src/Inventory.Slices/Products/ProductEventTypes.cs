namespace Inventory.Slices.Products;

/// <summary>Every type of event that a product's stream may hold.</summary>
public static class ProductEventTypes
{
    /// <summary>All of them, in the order of a product's life.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        typeof(ProductCreated), typeof(ProductRenamed), typeof(StockAdjusted), typeof(ProductDiscontinued),
    ];
}
