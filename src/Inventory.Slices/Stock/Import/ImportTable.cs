using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Inventory.Slices.Stock;

/// <summary>The table of imports and how far they are.</summary>
internal sealed class ImportTable : Table
{
    /// <summary>Its name, in the store's schema.</summary>
    public const string Name = "imports";

    public ImportTable(string schema) : base(PostgresqlProvider.Instance.Parse(schema, Name))
    {
        AddColumn("id", "uuid").AsPrimaryKey();
        AddColumn("actor", "text").NotNull();
        AddColumn("sha256", "bytea").NotNull();
        AddColumn("bytes", "bigint").NotNull();
        AddColumn("lines_total", "integer").NotNull();
        AddColumn("lines", "integer").NotNull().DefaultValue(0);
        AddColumn("accepted", "integer").NotNull().DefaultValue(0);
        AddColumn("refused", "integer").NotNull().DefaultValue(0);
        AddColumn("replayed", "integer").NotNull().DefaultValue(0);
        AddColumn("started_at", "timestamp with time zone").NotNull().DefaultValueByExpression("now()");
        AddColumn("progressed_at", "timestamp with time zone").NotNull().DefaultValueByExpression("now()");
        AddColumn("ended_at", "timestamp with time zone");
    }
}

/// <summary>The table of the lines that imports refused: of each import the first ones, as many as it lists.</summary>
internal sealed class ImportRefusalTable : Table
{
    /// <summary>Its name, in the store's schema.</summary>
    public const string Name = "import_refusals";

    public ImportRefusalTable(string schema) : base(PostgresqlProvider.Instance.Parse(schema, Name))
    {
        AddColumn("import_id", "uuid").AsPrimaryKey();
        AddColumn("line", "integer").AsPrimaryKey();
        AddColumn("sku", "text").NotNull();
        AddColumn("reason", "text").NotNull();
    }
}
