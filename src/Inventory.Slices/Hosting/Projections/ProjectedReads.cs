using System.Data;
using Marten;
using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Reads what asynchronous projections wrote, together with how far they are: both from one snapshot of the database, so that the lag
/// that is stated belongs to the rows that are shown.
/// </summary>
public sealed class ProjectedReads(IDocumentStore store, NpgsqlDataSource database)
{
    // What Marten writes in place of an event whose transaction was rolled back has no time.
    private readonly string _progress =
        $"""
         select progress.reached, coalesce((select max(seq_id) from {store.Options.DatabaseSchemaName}.mt_events), 0) as head,
                (select extract(epoch from clock_timestamp() - missing."timestamp") * 1000
                 from {store.Options.DatabaseSchemaName}.mt_events missing where missing.seq_id > progress.reached and isfinite(missing."timestamp") order by missing.seq_id limit 1)::float8 as lag
         from (select coalesce((select last_seq_id from {store.Options.DatabaseSchemaName}.mt_event_progression where name = $1), 0) as reached) progress
         """;

    /// <summary>The store's schema, with a dot: what the tables of a query begin with.</summary>
    public string Schema { get; } = $"{store.Options.DatabaseSchemaName}.";

    /// <summary>Reads rows.</summary>
    /// <param name="projection">The projection that writes them.</param>
    /// <param name="query">The rows' query.</param>
    /// <param name="row">Reads one of them.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task<(List<T> Rows, Freshness Freshness)> ReadAsync<T>(
        string projection, NpgsqlBatchCommand query, Func<NpgsqlDataReader, T> row, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(row);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using var batch = new NpgsqlBatch(connection, snapshot);
        batch.BatchCommands.Add(Progress(ShardOf(projection)));
        batch.BatchCommands.Add(query);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var freshness = Fresh(reader);
        await reader.NextResultAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(row(reader));
        }

        return (rows, freshness);
    }

    /// <summary>How far a projection is.</summary>
    public Task<Freshness> FreshnessAsync(string projection, CancellationToken cancellation) => ShardFreshnessAsync(ShardOf(projection), cancellation);

    /// <summary>How far something is by the name under which the store keeps progress.</summary>
    internal async Task<Freshness> ShardFreshnessAsync(string shard, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(Progress(shard));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return Fresh(reader);
    }

    private static string ShardOf(string projection) => $"{projection}:All";

    private NpgsqlBatchCommand Progress(string shard) => new(_progress) { Parameters = { new() { Value = shard } } };

    private static Freshness Fresh(NpgsqlDataReader reader)
    {
        var (reached, head) = (reader.GetInt64(0), reader.GetInt64(1));
        return new Freshness(
            reached >= head, null, reached, head, Math.Max(0, head - reached), reader.IsDBNull(2) ? 0 : Math.Max(1, (long)Math.Ceiling(reader.GetDouble(2))));
    }
}
