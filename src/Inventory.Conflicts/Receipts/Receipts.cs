using Marten;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Inventory.Conflicts;

/// <summary>
/// The receipts of commands that came to their end. One is written in the transaction of its command's events, so
/// there is either both or none: a request that is sent again finds it, on any node, and so does a commit in doubt.
/// </summary>
public sealed class Receipts(IDocumentStore store, NpgsqlDataSource database, IOptions<ConflictOptions> options)
{
    private readonly string _table = $"{store.Options.DatabaseSchemaName}.{ReceiptTable.Name}";

    /// <summary>Looks receipts up.</summary>
    /// <param name="ids">Those that are asked for.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <param name="connection">
    /// The connection of a transaction that is under way: who holds one does not wait for another. Null for one of the pool.
    /// </param>
    public async Task<IReadOnlyDictionary<ReceiptId, Receipt>> FindAsync(
        IReadOnlyCollection<ReceiptId> ids, CancellationToken cancellation, NpgsqlConnection? connection = null)
    {
        var found = new Dictionary<ReceiptId, Receipt>();
        if (ids.Count == 0)
        {
            return found;
        }

        await using var command = connection?.CreateCommand() ?? database.CreateCommand();
        command.CommandText =
            $"""
             select r.principal, r.key, r.request_hash, r.status, r.version, r.location, r.body
             from unnest($1, $2) as asked (principal, key) join {_table} r on r.principal = asked.principal and r.key = asked.key
             """;
        command.Parameters.Add(new() { Value = ids.Select(id => id.Principal).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = ids.Select(id => id.Key).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var id = new ReceiptId(reader.GetString(0), reader.GetString(1));
            found[id] = new Receipt(id, reader.GetFieldValue<byte[]>(2), new Answer(
                reader.GetInt16(3),
                await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetInt64(4),
                await reader.IsDBNullAsync(5, cancellation) ? null : reader.GetString(5),
                reader.GetString(6)));
        }

        return found;
    }

    /// <summary>Writes receipts with whatever the session commits. One that exists already fails the commit as a lost race.</summary>
    internal void Add(IDocumentSession session, IReadOnlyCollection<Receipt> receipts)
    {
        if (receipts.Count == 0)
        {
            return;
        }

        session.QueueSqlCommand(
            $"""
             insert into {_table} (principal, key, request_hash, status, version, location, body, kept_until)
             select principal, key, request_hash, status, version, location, body, now() + kept_seconds * interval '1 second'
             from unnest(?, ?, ?, ?, ?, ?, ?, ?) as r (principal, key, request_hash, status, version, location, body, kept_seconds)
             """,
            receipts.Select(r => r.Id.Principal).ToArray(),
            receipts.Select(r => r.Id.Key).ToArray(),
            receipts.Select(r => r.RequestHash).ToArray(),
            receipts.Select(r => (short)r.Answer.Status).ToArray(),
            receipts.Select(r => r.Answer.Version).ToArray(),
            receipts.Select(r => r.Answer.Location).ToArray(),
            receipts.Select(r => r.Answer.Body).ToArray(),
            receipts.Select(r => (int)(r.Id.Principal == ReceiptId.NoPrincipal ? options.Value.ReceiptsWithoutKeyKept : options.Value.ReceiptsKept).TotalSeconds).ToArray());
    }

    /// <summary>Deletes some receipts whose time is over, oldest first. Gives how many it deleted.</summary>
    internal async Task<int> PurgeAsync(int max, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
             delete from {_table} where ctid = any (array(
               select ctid from {_table} where kept_until < now() order by kept_until limit $1 for update skip locked))
             """);
        command.Parameters.Add(new() { Value = max });
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
