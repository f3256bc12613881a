using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Inventory.Conflicts;

/// <summary>The table of <see cref="Receipts"/>, made and migrated with the store's own.</summary>
internal sealed class ReceiptTable : Table
{
    /// <summary>Its name, in the store's schema.</summary>
    public const string Name = "receipts";

    public ReceiptTable(string schema) : base(PostgresqlProvider.Instance.Parse(schema, Name))
    {
        AddColumn("principal", "text").AsPrimaryKey();
        AddColumn("key", "text").AsPrimaryKey();
        AddColumn("request_hash", "bytea").NotNull();
        AddColumn("status", "smallint").NotNull();
        AddColumn("version", "bigint");
        AddColumn("location", "text");
        AddColumn("body", "text").NotNull();
        AddColumn("kept_until", "timestamp with time zone").NotNull().AddIndex();
    }
}
