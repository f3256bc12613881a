using Inventory.Slices.Products;

namespace Inventory.Slices.Hosting;

/// <summary>Finds the product that a path names: by id, or by SKU as <c>sku:W-1</c>.</summary>
public sealed class ProductAddresses(ProductReads reads)
{
    private const string SkuPrefix = "sku:";

    /// <summary>Whether there is a product with an id.</summary>
    public async Task<bool> ExistsAsync(Guid id, CancellationToken cancellation) =>
        await reads.ReadAsync(id, cancellation) is not null;

    /// <summary>The product's id, or the problem to answer. An id is not looked up: whoever uses it will see.</summary>
    public async Task<(Guid Id, Problem? Problem)> ResolveAsync(string product, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(product);
        if (!product.StartsWith(SkuPrefix, StringComparison.Ordinal))
        {
            // Only the form that answers use: one product has one address.
            return Ids.TryParse(product, out var id) && id != Guid.Empty
                ? (id, null)
                : (default, Problem.Malformed(
                    "A product is addressed by its id, such as 019c2a5e-7f00-7000-8000-000000000001, or by its SKU, such as sku:W-1."));
        }

        var sku = product[SkuPrefix.Length..];
        if (!Sku.IsAllowed(sku))
        {
            return (default, Problem.Malformed($"After sku: comes a SKU: {Sku.Rule}."));
        }

        return await reads.FindAsync(Sku.Key(sku), cancellation) is { } found
            ? (found.Id, null)
            : (default, Problem.ProductNotFound(product));
    }
}
