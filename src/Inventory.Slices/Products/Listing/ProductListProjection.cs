using Inventory.Conflicts;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

namespace Inventory.Slices.Products;

/// <summary>
/// Keeps one row per product for the views of many products. A row is a function of the product's stream up to the row's version, and
/// never goes back: the same events again, or a rebuild beside it, change nothing.
/// </summary>
public sealed class ProductListProjection : IProjection
{
    /// <summary>Its name in the store's record of progress.</summary>
    public const string Name = "products";

    /// <summary>Where it tells that rows have changed (PostgreSQL <c>NOTIFY</c>), when they can be seen.</summary>
    public const string Channel = "inventory_products_listed";

    /// <summary>Before a projection or a rebuild writes: who has to wait for the other waits as long as it takes. Given up, a projection would stop.</summary>
    internal const string WaitForTheOther = "set local lock_timeout = 0";

    /// <inheritdoc/>
    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(events);
        EventTraces.Projecting(Name, events);
        var changed = events.GroupBy(e => e.StreamId).ToDictionary(stream => stream.Key, stream => stream.Max(e => e.Timestamp).ToUniversalTime());
        // The snapshot is as new as these events or newer: it is written in their transaction. Nothing is folded twice.
        var products = await operations.LoadManyAsync<Product>(cancellation, [.. changed.Keys]);
        Write(operations, [.. products.Select(product => ProductListItem.Of(product, changed[product.Id]))]);
    }

    /// <summary>Writes rows, each unless a newer one is there, and has it told when they can be seen.</summary>
    internal static void Write(IDocumentOperations operations, IReadOnlyList<ProductListItem> rows)
    {
        operations.QueueSqlCommand(WaitForTheOther);
        // In the order of their ids, in which a rebuild goes too: neither waits for a row while it holds one that the other waits for.
        operations.QueueSqlCommand(
            $"""
             insert into {operations.DocumentStore.Options.DatabaseSchemaName}.{ProductListTable.Name} as known
               (product_id, version, sku, sku_key, name, name_key, search, on_hand, reserved, available, reorder_point, discontinued, low, changed_at)
             select rows.* from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) as rows (product_id), (select pg_notify('{Channel}', '')::text as sent) told
             where told.sent is not null order by rows.product_id
             on conflict (product_id) do update set
               version = excluded.version, name = excluded.name, name_key = excluded.name_key, search = excluded.search, on_hand = excluded.on_hand,
               reserved = excluded.reserved, available = excluded.available, reorder_point = excluded.reorder_point,
               discontinued = excluded.discontinued, low = excluded.low, changed_at = excluded.changed_at
             where known.version <= excluded.version
             """,
            Column(row => row.Id), Column(row => row.Version), Column(row => row.Sku), Column(row => Sku.Key(row.Sku)), Column(row => row.Name),
            Column(row => SearchText.Fold(row.Name)), Column(row => $"{SearchText.Fold(row.Sku)} {SearchText.Fold(row.Name)}"), Column(row => row.OnHand),
            Column(row => row.Reserved), Column(row => row.Available), Column(row => row.ReorderPoint), Column(row => row.Discontinued),
            Column(row => row.LowStock), Column(row => row.ChangedAt));

        T[] Column<T>(Func<ProductListItem, T> value) => [.. rows.Select(value)];
    }
}
