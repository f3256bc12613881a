namespace Inventory.Slices.Products;

/// <summary>Every type of event that a product's stream may hold.</summary>
public static class ProductEventTypes
{
    /// <summary>Those that may follow <see cref="ProductCreated"/>, in the order of a product's life.</summary>
    public static IReadOnlyList<Type> Later { get; } =
    [
        typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(ReorderPointSet),
        typeof(StockReserved), typeof(ReservationCommitted), typeof(ReservationReleased), typeof(ReservationExpired),
        typeof(ProductDiscontinued), typeof(ProductReinstated),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Type> All { get; } = [typeof(ProductCreated), .. Later];
}
