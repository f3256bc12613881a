using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Inventory.Slices.Stock;

/// <summary>The table of what came in and went out, per day and product; written by <see cref="MovementProjection"/>.</summary>
internal sealed class MovementTable : Table
{
    /// <summary>Its name, in the store's schema.</summary>
    public const string Name = "movements";

    public MovementTable(string schema) : base(PostgresqlProvider.Instance.Parse(schema, Name))
    {
        AddColumn("day", "date").AsPrimaryKey();
        AddColumn("product_id", "uuid").AsPrimaryKey();
        AddColumn("units_in", "bigint").NotNull();
        AddColumn("units_out", "bigint").NotNull();
        AddColumn("corrections", "bigint").NotNull();
        AddColumn("version", "bigint").NotNull();

        Indexes.Add(new IndexDefinition("movements_of_product") { Columns = ["product_id", "day"] });
    }
}
