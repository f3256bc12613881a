using Npgsql;

namespace Inventory.Slices.Products;

/// <summary>A product on a list. Quantities are whole units.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sku">Its stock keeping unit.</param>
/// <param name="Name">Its name.</param>
/// <param name="OnHand">Units in the warehouse.</param>
/// <param name="Reserved">Units promised to somebody.</param>
/// <param name="Available">Units that can be sold.</param>
/// <param name="ReorderPoint">Available units at or below which stock is low; null for never.</param>
/// <param name="Discontinued">It is no longer dealt in.</param>
/// <param name="LowStock">Its stock is at or below the reorder point, and it is dealt in.</param>
/// <param name="Version">The version of its stream that this row reflects.</param>
/// <param name="ChangedAt">When it became so, UTC.</param>
public sealed record ProductListItem(
    Guid Id, string Sku, string Name, int OnHand, int Reserved, int Available, int? ReorderPoint, bool Discontinued, bool LowStock, long Version,
    DateTimeOffset ChangedAt)
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    internal const string Columns = "product_id, sku, name, on_hand, reserved, available, reorder_point, discontinued, low, version, changed_at";

    /// <summary>The row of a product.</summary>
    public static ProductListItem Of(Product product, DateTimeOffset changedAt)
    {
        ArgumentNullException.ThrowIfNull(product);
        return new ProductListItem(
            product.Id, product.Sku, product.Name, product.OnHand, product.Reserved, product.Available, product.ReorderPoint, product.Discontinued,
            !product.Discontinued && product.Available <= product.ReorderPoint, product.Version, changedAt);
    }

    /// <summary>Reads a row of <see cref="ProductListTable"/>.</summary>
    internal static ProductListItem Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(5), row.GetValue(6) as int?, row.GetBoolean(7),
        row.GetBoolean(8), row.GetInt64(9), row.GetFieldValue<DateTimeOffset>(10));
}
