using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

namespace Inventory.Slices.Reservations;

/// <summary>
/// Writes the reservations in the transaction of the products' events, in two statements however many there are. Applying the
/// same events again changes nothing, so the table can be rebuilt.
/// </summary>
public sealed class ReservationWriter : IProjection
{
    /// <inheritdoc/>
    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var table = $"{operations.DocumentStore.Options.DatabaseSchemaName}.{ReservationTable.Name}";
        Open(operations, table, [.. events.Where(e => e.Data is StockReserved)]);
        Close(operations, table, [.. events.Where(e => e.Data is ReservationCommitted or ReservationReleased or ReservationExpired)]);
        return Task.CompletedTask;
    }

    private static void Open(IDocumentOperations operations, string table, List<IEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        var opened = events.ConvertAll(e => (StockReserved)e.Data);
        operations.QueueSqlCommand(
            $"""
             insert into {table} (id, product_id, quantity, status, expires_at, reference, opened_by, opened_at)
             select id, product_id, quantity, 'Open', expires_at, reference, opened_by, opened_at
             from unnest(?, ?, ?, ?, ?, ?, ?) as o (id, product_id, quantity, expires_at, reference, opened_by, opened_at)
             on conflict (id) do nothing
             """,
            opened.Select(e => e.ReservationId).ToArray(),
            events.Select(e => e.StreamId).ToArray(),
            opened.Select(e => e.Quantity).ToArray(),
            opened.Select(e => e.ExpiresAt).ToArray(),
            opened.Select(e => e.Reference).ToArray(),
            Actors(events),
            Times(events));
    }

    private static void Close(IDocumentOperations operations, string table, List<IEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        var closed = events.ConvertAll(e => e.Data switch
        {
            ReservationCommitted c => (Id: c.ReservationId, Status: ReservationStatus.Committed, Committed: (int?)c.Quantity),
            ReservationReleased r => (r.ReservationId, ReservationStatus.Released, null),
            var other => (((ReservationExpired)other).ReservationId, ReservationStatus.Expired, null),
        });
        operations.QueueSqlCommand(
            $"""
             update {table} r set status = c.status, committed_quantity = c.committed_quantity, closed_by = c.closed_by, closed_at = c.closed_at
             from unnest(?, ?, ?, ?, ?) as c (id, status, committed_quantity, closed_by, closed_at) where r.id = c.id
             """,
            closed.Select(c => c.Id).ToArray(),
            closed.Select(c => c.Status.ToString()).ToArray(),
            closed.Select(c => c.Committed).ToArray(),
            Actors(events),
            Times(events));
    }

    private static string[] Actors(List<IEvent> events) => [.. events.Select(e => e.UserName ?? CommandContext.System)];

    private static DateTimeOffset[] Times(List<IEvent> events) => [.. events.Select(e => e.Timestamp.ToUniversalTime())];
}
