using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Inventory.Conflicts;

/// <summary>The table of the <see cref="ConflictLog"/>, made and migrated with the store's own. Rows are only added, and deleted when they are old.</summary>
internal sealed class ConflictTable : Table
{
    /// <summary>Its name, in the store's schema.</summary>
    public const string Name = "conflicts";

    public ConflictTable(string schema) : base(PostgresqlProvider.Instance.Parse(schema, Name))
    {
        AddColumn("at", "timestamp with time zone").NotNull().AddIndex();
        AddColumn("stream_id", "uuid").NotNull();
        AddColumn("command", "text").NotNull();
        AddColumn("policy", "text").NotNull();
        AddColumn("clashing_event", "text");
        AddColumn("escaped", "boolean").NotNull();
        AddColumn("attempts", "integer").NotNull();
        AddColumn("actor", "text").NotNull();
    }
}
