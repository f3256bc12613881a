using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

namespace Inventory.Slices.Stock;

/// <summary>
/// Adds up what came in and went out. Each row knows the version up to which it has counted its product's events, so that none counts
/// twice, whoever else writes the table meanwhile.
/// </summary>
public sealed class MovementProjection : IProjection
{
    /// <summary>Its name in the store's record of progress.</summary>
    public const string Name = "movements";

    /// <summary>
    /// The projection and a rebuild take turns, because each adds to what it has read. Readers go on, and so does PostgreSQL when it tidies the
    /// table up: a lock on the table would end that (autovacuum) each time the projection writes.
    /// </summary>
    internal static string[] TakeTurns { get; } =
        [ProductListProjection.WaitForTheOther, $"select pg_advisory_xact_lock(hashtext('{StoreSetup.StoreSchema}.{MovementTable.Name}'), 0)"];

    /// <summary>For a rebuild, which is rare, also a lock on the table: nodes of a version that knows no other lock may run beside it.</summary>
    internal static string[] TakeTurnsOfRebuild(IDocumentOperations operations) =>
        [.. TakeTurns, $"lock table {TableOf(operations)} in share row exclusive mode"];

    /// <inheritdoc/>
    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(operations);
        EventTraces.Projecting(Name, events);
        Movement[] moved = [.. events.Select(Movement.Of).OfType<Movement>()];
        if (moved.Length > 0)
        {
            Array.ForEach(TakeTurns, turn => operations.QueueSqlCommand(turn));
            Add(operations, moved);
        }

        return Task.CompletedTask;
    }

    /// <summary>Adds movements to the rows of their days, those that the row has not counted yet.</summary>
    internal static void Add(IDocumentOperations operations, Movement[] moved)
    {
        var table = TableOf(operations);
        operations.QueueSqlCommand(
            $"""
             insert into {table} as known (day, product_id, units_in, units_out, corrections, version)
             select moved.day, moved.product_id, sum(moved.units_in), sum(moved.units_out), sum(moved.correction), max(moved.version)
             from unnest(?, ?, ?, ?, ?, ?) as moved (day, product_id, version, units_in, units_out, correction)
             left join {table} counted on counted.day = moved.day and counted.product_id = moved.product_id
             where moved.version > coalesce(counted.version, 0)
             group by moved.day, moved.product_id
             on conflict (day, product_id) do update set
               units_in = known.units_in + excluded.units_in, units_out = known.units_out + excluded.units_out,
               corrections = known.corrections + excluded.corrections, version = excluded.version
             """,
            Column(one => one.Day), Column(one => one.ProductId), Column(one => one.Version), Column(one => one.In), Column(one => one.Out),
            Column(one => one.Correction));

        T[] Column<T>(Func<Movement, T> value) => Array.ConvertAll(moved, one => value(one));
    }

    private static string TableOf(IDocumentOperations operations) => $"{operations.DocumentStore.Options.DatabaseSchemaName}.{MovementTable.Name}";
}
