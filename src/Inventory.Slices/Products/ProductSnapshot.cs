using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Inventory.Slices.Products;

/// <summary>Keeps a <see cref="Product"/> document beside its stream, by the same fold that decisions use.</summary>
public sealed class ProductSnapshot : SingleStreamProjection<Product, Guid>
{
    /// <inheritdoc/>
    public override Product Evolve(Product? snapshot, Guid id, IEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return Product.Fold(snapshot, id, e.Data);
    }
}
