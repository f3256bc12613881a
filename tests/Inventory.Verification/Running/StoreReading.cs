using System.Data;
using System.Diagnostics;
using System.Text.Json;
using Inventory.Verification.Histories;
using Npgsql;

namespace Inventory.Verification.Running;

/// <summary>Reads what stands in the database, past the service.</summary>
internal sealed class StoreReading(string connectionString)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Waits until nothing is under way: no more events come, the list has come to the last version of every product, and no reservation is about to
    /// end. What is not so when the patience is over is for the checker to find.
    /// </summary>
    /// <param name="patience">How long the list may take; reservations may take twice as long, because what a node took may have to be given back first.</param>
    public async Task SettleAsync(TimeSpan patience)
    {
        var (events, since) = (-1L, Stopwatch.StartNew());
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < 2 * patience; await Task.Delay(200))
        {
            await using var connection = await StoreServer.OpenAsync(connectionString);
            await using var command = new NpgsqlCommand(
                """
                select (select coalesce(sum(version), 0)::bigint from inventory.mt_streams),
                       (select count(*) from inventory.mt_streams s left join inventory.product_list l on l.product_id = s.id where l.version is distinct from s.version),
                       (select count(*) from inventory.reservations where status = 'Open' and expires_at < now() + interval '5 minutes')
                """, connection);
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            if (reader.GetInt64(0) != events)
            {
                (events, since) = (reader.GetInt64(0), Stopwatch.StartNew());
            }

            var (behind, open) = (reader.GetInt64(1) > 0, reader.GetInt64(2) > 0);
            if (behind ? clock.Elapsed > patience : !open && since.Elapsed > Quiet)
            {
                return;
            }
        }
    }

    /// <summary>The events and the projections, all as of one moment.</summary>
    public async Task<(List<LoggedEvent> Log, ProjectedTables Tables)> ReadAsync()
    {
        await using var connection = await StoreServer.OpenAsync(connectionString);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var log = await RowsAsync(
            connection, "select seq_id, stream_id, version, type, data, user_name, causation_id, correlation_id from inventory.mt_events where isfinite(timestamp) order by seq_id", Event);
        var list = await RowsAsync(
            connection, "select product_id, version, name, on_hand, reserved, available, reorder_point, discontinued from inventory.product_list", row => new Shown(
                row.GetGuid(0), row.GetInt64(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(5), row.GetValue(6) as int?, row.GetBoolean(7)));
        var reservations = await RowsAsync(
            connection, "select id, product_id, quantity, status, committed_quantity from inventory.reservations", row => new ProjectedReservation(
                row.GetGuid(0), row.GetGuid(1), row.GetInt32(2), row.GetString(3), row.GetValue(4) as int?));
        return (log, new ProjectedTables(list, reservations));
    }

    /// <summary>How often another node took over the lead, and how many commands were decided again.</summary>
    public async Task<(int Takeovers, int Redone)> CountAsync()
    {
        await using var connection = await StoreServer.OpenAsync(connectionString);
        return (await RowsAsync(
            connection,
            """
            select greatest(0, (select count(*) from messages.wolverine_node_records where event_name = 'LeadershipAssumed')::int - 1),
                   (select count(*) from inventory.conflicts where not escaped and attempts > 1)::int
            """,
            row => (row.GetInt32(0), row.GetInt32(1))))[0];
    }

    private static LoggedEvent Event(NpgsqlDataReader row)
    {
        using var data = JsonDocument.Parse(row.GetString(4));
        var type = row.GetString(3);
        return new LoggedEvent(
            row.GetInt64(0), row.GetGuid(1), row.GetInt64(2), type, row.GetString(5), Guid.TryParse(row.GetValue(6) as string, out var command) ? command : Guid.Empty)
        {
            Amount = type switch
            {
                LoggedEvent.Created => Number("initialQuantity"),
                LoggedEvent.Adjusted => Number("delta"),
                LoggedEvent.Counted => Number("counted"),
                LoggedEvent.ReorderPointSet => Number("reorderPoint"),
                _ => Number("quantity"),
            },
            Returned = Number("returned"),
            Trace = TraceOf(row.GetValue(7) as string),
            Text = Find("name")?.GetString(),
            Reservation = Find("reservationId")?.GetGuid(),
            ExpiresAt = Find("expiresAt")?.GetDateTimeOffset(),
        };

        JsonElement? Find(string name) => data.RootElement.TryGetProperty(name, out var value) ? value : null;

        int Number(string name) => Find(name)?.GetInt32() ?? 0;
    }

    /// <summary>The trace of a traceparent, between its first dashes.</summary>
    private static string? TraceOf(string? parent) => parent?.Split('-') is [_, { Length: 32 } trace, ..] ? trace : null;

    private static async Task<List<T>> RowsAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
