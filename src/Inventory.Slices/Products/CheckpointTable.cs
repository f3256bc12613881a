using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Inventory.Slices.Products;

/// <summary>
/// The states of products at every <see cref="Distance"/>th version, so that any version is near one that is known. Written with
/// the events (<see cref="ProductSnapshot"/>), read by <see cref="ProductPast"/>.
/// </summary>
internal sealed class CheckpointTable : Table
{
    /// <summary>Its name, in the store's schema.</summary>
    public const string Name = "product_checkpoints";

    /// <summary>Versions from one checkpoint to the next: a version is at most half as many events away from one.</summary>
    public const int Distance = 1_000;

    public CheckpointTable(string schema) : base(PostgresqlProvider.Instance.Parse(schema, Name))
    {
        AddColumn("product_id", "uuid").AsPrimaryKey();
        AddColumn("version", "bigint").AsPrimaryKey();
        AddColumn("data", "jsonb").NotNull();
    }
}
