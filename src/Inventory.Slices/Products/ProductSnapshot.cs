using Inventory.Conflicts;
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
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(slice);
        KeepCheckpoint(operations, slice);
        foreach (var e in slice.Events())
        {
            if (e.Data is StockReserved reserved)
            {
                slice.PublishMessage(new ReservationDue(slice.Snapshot!.Id, reserved.ReservationId, reserved.ExpiresAt), EventTraces.CausedBy(slice.TenantId, e));
            }
        }

        foreach (var fact in ProductFact.Of(slice.Events(), slice.Snapshot!))
        {
            slice.PublishMessage(fact, EventTraces.CausedBy(slice.TenantId, slice.Events()[^(int)(slice.Snapshot!.Version - fact.Product.Version + 1)]));
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Keeps the state at the last version that is a multiple of the distance, when these events reach or pass it.</summary>
    private static void KeepCheckpoint(IDocumentOperations operations, IEventSlice<Product> slice)
    {
        var events = slice.Events();
        var state = slice.Snapshot!;
        var version = state.Version - (state.Version % CheckpointTable.Distance);
        if (version <= state.Version - events.Count)
        {
            return;
        }

        for (var n = events.Count - 1; state.Version > version; n--)
        {
            state = Product.Unfold(state, events[n].Data);
        }

        var options = operations.DocumentStore.Options;
        operations.QueueSqlCommand(
            $"insert into {options.DatabaseSchemaName}.{CheckpointTable.Name} (product_id, version, data) values (?, ?, ?::jsonb) on conflict do nothing",
            state.Id, version, options.Serializer().ToJson(state));
    }
}
