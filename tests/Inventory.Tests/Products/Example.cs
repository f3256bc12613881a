using Inventory.Slices.Products;

namespace Inventory.Tests.Products;

/// <summary>A product for decision tests.</summary>
internal static class Example
{
    public static readonly Guid Id = new("019c2a5e-7f00-7000-8000-000000000001");

    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>The fold of a product's creation and these events.</summary>
    public static Product Product(int onHand = 10, params object[] events) => events.Aggregate(
        Inventory.Slices.Products.Product.Fold(null, Id, new ProductCreated("W-1", "Widgit", onHand)),
        (state, e) => Inventory.Slices.Products.Product.Fold(state, Id, e));
}
