using JasperFx.Events;
using JasperFx.Events.Grouping;
using Marten;
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

    /// <summary>Sends what follows from the events, in their transaction: it is sent when they are stored, and not otherwise.</summary>
    public override ValueTask RaiseSideEffects(IDocumentOperations operations, IEventSlice<Product> slice)
    {
        ArgumentNullException.ThrowIfNull(slice);
        foreach (var e in slice.Events())
        {
            if (e.Data is StockReserved reserved)
            {
                slice.PublishMessage(new ReservationDue(slice.Snapshot!.Id, reserved.ReservationId, reserved.ExpiresAt));
            }
        }

        return ValueTask.CompletedTask;
    }
}
