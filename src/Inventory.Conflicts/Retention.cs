using Marten;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Inventory.Conflicts;

/// <summary>
/// Deletes receipts and conflicts whose time is over, a bounded number at a time. Every node does; they keep out of each
/// other's way.
/// </summary>
public sealed class Retention(
    Receipts receipts, IDocumentStore store, NpgsqlDataSource database, IOptions<ConflictOptions> options, TimeProvider clock, ILogger<Retention> logger)
    : Loop(clock, logger)
{
    private const int DeletedAtOnceMax = 5_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override TimeSpan AtTheLatest => Pause;

    /// <inheritdoc/>
    protected override bool BeginsAtOnce => false;

    /// <inheritdoc/>
    protected override async Task WorkAsync(CancellationToken stopping)
    {
        while (await receipts.PurgeAsync(DeletedAtOnceMax, stopping) == DeletedAtOnceMax
               || await PurgeConflictsAsync(DeletedAtOnceMax, stopping) == DeletedAtOnceMax)
        {
        }
    }

    /// <summary>Deletes some conflicts whose time is over, oldest first. Gives how many it deleted.</summary>
    internal async Task<int> PurgeConflictsAsync(int max, CancellationToken cancellation)
    {
        var table = $"{store.Options.DatabaseSchemaName}.{ConflictTable.Name}";
        await using var command = database.CreateCommand(
            $"""
             delete from {table} where ctid = any (array(
               select ctid from {table} where at < now() - $1 order by at limit $2 for update skip locked))
             """);
        command.Parameters.Add(new() { Value = options.Value.ConflictsKept });
        command.Parameters.Add(new() { Value = max });
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
