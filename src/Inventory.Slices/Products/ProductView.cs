namespace Inventory.Slices.Products;

/// <summary>A product as every answer shows it. Quantities are whole units.</summary>
public sealed record ProductView(
    Guid Id, string Sku, string Name, int OnHand, int Reserved, int Available, int? ReorderPoint, bool Discontinued,
    long Version)
{
    /// <summary>Shows a product.</summary>
    public static ProductView Of(Product product)
    {
        ArgumentNullException.ThrowIfNull(product);
        return new ProductView(
            product.Id, product.Sku, product.Name, product.OnHand, product.Reserved, product.Available,
            product.ReorderPoint, product.Discontinued, product.Version);
    }
}
