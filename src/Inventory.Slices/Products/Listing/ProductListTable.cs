using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Inventory.Slices.Products;

/// <summary>The table behind every view of many products: one row each, written by <see cref="ProductListProjection"/>.</summary>
internal sealed class ProductListTable : Table
{
    /// <summary>Its name, in the store's schema.</summary>
    public const string Name = "product_list";

    public ProductListTable(string schema) : base(PostgresqlProvider.Instance.Parse(schema, Name))
    {
        AddColumn("product_id", "uuid").AsPrimaryKey();
        AddColumn("version", "bigint").NotNull();
        AddColumn("sku", "text").NotNull();
        AddColumn("sku_key", "text").NotNull();
        AddColumn("name", "text").NotNull();
        AddColumn("name_key", "text").NotNull();
        AddColumn("search", "text").NotNull();
        AddColumn("on_hand", "integer").NotNull();
        AddColumn("reserved", "integer").NotNull();
        AddColumn("available", "integer").NotNull();
        AddColumn("reorder_point", "integer");
        AddColumn("discontinued", "boolean").NotNull();
        AddColumn("low", "boolean").NotNull();
        AddColumn("changed_at", "timestamp with time zone").NotNull();

        // None on what every sale changes: such an index would be written with each of them (PostgreSQL's heap-only tuples).
        Indexes.Add(new IndexDefinition("product_list_by_sku") { Columns = ["sku_key", "product_id"] });
        Indexes.Add(new IndexDefinition("product_list_by_name") { Columns = ["name_key", "product_id"] });
        Indexes.Add(new IndexDefinition("product_list_low") { Columns = ["sku_key", "product_id"], Predicate = "low" });
        Indexes.Add(new IndexDefinition("product_list_search") { Columns = ["search"], Method = IndexMethod.gin, Mask = "? gin_trgm_ops" });
    }
}
