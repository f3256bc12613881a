using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Npgsql;

namespace Inventory.Slices.Stock;

/// <summary>What is written down of imports.</summary>
internal sealed class ImportLedger(NpgsqlDataSource database)
{
    private const string Imports = $"{StoreSetup.StoreSchema}.{ImportTable.Name}";
    private const string Refusals = $"{StoreSetup.StoreSchema}.{ImportRefusalTable.Name}";

    /// <summary>The id of an import: one file from one actor is one import, however often and wherever it is sent.</summary>
    public static Guid IdOf(string actor, byte[] sha256)
    {
        var hash = SHA256.HashData([.. sha256, .. Encoding.UTF8.GetBytes(actor)]);
        // RFC 9562, section 5.8: a UUID made in a way of one's own.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }

    /// <summary>Shows an import; null when there is none.</summary>
    public async Task<ImportView?> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        // Whoever carries an import out holds its lock; a process that dies lets go of it. A lock's key is shown in two halves.
        batch.BatchCommands.Add(new(
            $"""
             select actor, sha256, bytes, lines_total, lines, accepted, refused, replayed, started_at, ended_at,
               exists (select from pg_locks where locktype = 'advisory' and objsubid = 1 and granted
                 and database = (select oid from pg_database where datname = current_database())
                 and classid::bigint = ($2 >> 32) & 4294967295 and objid::bigint = $2 & 4294967295)
             from {Imports} where id = $1
             """)
        { Parameters = { new() { Value = id }, new() { Value = LockOf(id) } } });
        batch.BatchCommands.Add(new($"select line, sku, reason from {Refusals} where import_id = $1 order by line") { Parameters = { new() { Value = id } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
        {
            return null;
        }

        var view = new ImportView(
            id, reader.GetString(0), new ImportedFile(Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(1)), reader.GetInt64(2)), "",
            reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5), reader.GetInt32(6), reader.GetInt32(7), [], 0,
            reader.GetFieldValue<DateTimeOffset>(8), await reader.IsDBNullAsync(9, cancellation) ? null : reader.GetFieldValue<DateTimeOffset>(9));
        var running = reader.GetBoolean(10);
        var refused = new List<RefusedLine>();
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            refused.Add(new RefusedLine(reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        }

        return view with
        {
            State = view.EndedAt is not null ? ImportView.Done : running ? ImportView.Running : ImportView.Interrupted,
            RefusedLines = refused,
            RefusedOmitted = view.Refused - refused.Count,
        };
    }

    /// <summary>
    /// Takes an import to carry it out, alone among all nodes; null when somebody else is at it. It is written down first, so that
    /// it can be asked for from now on.
    /// </summary>
    public async Task<ImportClaim?> ClaimAsync(string actor, ImportFile file, int lines, CancellationToken cancellation)
    {
        var id = IdOf(actor, file.Sha256);
        var connection = await database.OpenConnectionAsync(cancellation);
        var claimed = false;
        try
        {
            await using (var insert = new NpgsqlCommand(
                $"insert into {Imports} (id, actor, sha256, bytes, lines_total) values ($1, $2, $3, $4, $5) on conflict do nothing", connection)
            {
                Parameters = { new() { Value = id }, new() { Value = actor }, new() { Value = file.Sha256 }, new() { Value = file.Bytes }, new() { Value = lines } },
            })
            {
                await insert.ExecuteNonQueryAsync(cancellation);
            }

            await using var take = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = LockOf(id) } } };
            claimed = (bool)(await take.ExecuteScalarAsync(CancellationToken.None))!;
            return claimed ? new ImportClaim(id, connection) : null;
        }
        finally
        {
            if (!claimed)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private static long LockOf(Guid id) => BinaryPrimitives.ReadInt64BigEndian(id.ToByteArray(bigEndian: true));

    /// <summary>
    /// An import that this process carries out. The lock belongs to the connection, and progress is written over the same one:
    /// whoever has lost the lock cannot write any more.
    /// </summary>
    internal sealed class ImportClaim(Guid id, NpgsqlConnection connection) : IAsyncDisposable
    {
        /// <summary>How far it is, and when that was written.</summary>
        public async Task<(int Lines, int Refused, bool Done, TimeSpan Since)> ProgressAsync(CancellationToken cancellation)
        {
            await using var command = new NpgsqlCommand(
                $"select lines, refused, ended_at is not null, now() - progressed_at from {Imports} where id = $1", connection)
            { Parameters = { new() { Value = id } } };
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            await reader.ReadAsync(cancellation);
            return (reader.GetInt32(0), reader.GetInt32(1), reader.GetBoolean(2), reader.GetFieldValue<TimeSpan>(3));
        }

        /// <summary>Writes down how some lines ended.</summary>
        public async Task NoteAsync(IReadOnlyCollection<EndedLine> ended, IReadOnlyCollection<EndedLine> listed)
        {
            // There is no cancellation: what was carried out is written down.
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new(
                $"""
                 update {Imports} set lines = lines + $2, accepted = accepted + $3, refused = refused + $4, replayed = replayed + $5, progressed_at = now()
                 where id = $1
                 """)
            {
                Parameters =
                {
                    new() { Value = id }, new() { Value = ended.Count }, new() { Value = ended.Count(line => line.Refusal is null) },
                    new() { Value = ended.Count(line => line.Refusal is not null) }, new() { Value = ended.Count(line => line.Replayed) },
                },
            });
            batch.BatchCommands.Add(new($"insert into {Refusals} (import_id, line, sku, reason) select $1, * from unnest($2, $3, $4)")
            {
                Parameters =
                {
                    new() { Value = id }, new() { Value = listed.Select(line => line.Line.Number).ToArray() },
                    new() { Value = listed.Select(line => Printable(line.Line.Sku)).ToArray() },
                    new() { Value = listed.Select(line => Printable(line.Refusal!)).ToArray() },
                },
            });
            await batch.ExecuteNonQueryAsync();
        }

        /// <summary>Writes down that the last line has ended.</summary>
        public async Task EndAsync()
        {
            await using var command = new NpgsqlCommand($"update {Imports} set ended_at = now() where id = $1", connection) { Parameters = { new() { Value = id } } };
            await command.ExecuteNonQueryAsync();
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            // Connections go back to the pool as they are, so the lock is given back by hand. One that broke has none any more.
            if (connection.FullState.HasFlag(System.Data.ConnectionState.Open) && !connection.FullState.HasFlag(System.Data.ConnectionState.Broken))
            {
                try
                {
                    await using var release = new NpgsqlCommand("select pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = LockOf(id) } } };
                    await release.ExecuteNonQueryAsync();
                }
                catch (Exception e) when (DatabaseFailure.Is(e))
                {
                    // If it lives all the same, it must not be used again: the lock goes with it.
                    NpgsqlConnection.ClearPool(connection);
                }
            }

            await connection.DisposeAsync();
        }

        /// <summary>What a line says may hold what PostgreSQL does not store, and be as long as a line.</summary>
        private static string Printable(string text)
        {
            const int CharactersMax = 300;
            var whole = text.Length > CharactersMax ? text[..(char.IsHighSurrogate(text[CharactersMax - 1]) ? CharactersMax - 1 : CharactersMax)] + "…" : text;
            return whole.Replace('\0', '\uFFFD');
        }
    }
}
