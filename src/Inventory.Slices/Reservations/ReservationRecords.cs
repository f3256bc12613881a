using System.Collections.Immutable;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Marten;
using Npgsql;

namespace Inventory.Slices.Reservations;

/// <summary>
/// Reads reservations. A product's state leaves them out, so that it costs the same with ten of them open or ten thousand; the
/// commands about one get it added to the state they are decided on.
/// </summary>
public sealed class ReservationRecords(IDocumentStore store, NpgsqlDataSource database) : IParts<Product>
{
    private readonly string _select =
        $"""
         select id, product_id, quantity, status, expires_at, reference, committed_quantity, opened_by, opened_at, closed_by, closed_at
         from {store.Options.DatabaseSchemaName}.{ReservationTable.Name}
         """;

    /// <inheritdoc/>
    public async Task<Dictionary<Guid, Product>> CompleteAsync(
        Dictionary<Guid, Product> states, IEnumerable<ICommand<Product>> commands, NpgsqlConnection? connection, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(states);
        var ids = commands.OfType<IConcernsReservation>().Where(command => command is not IOpensReservation).Select(command => command.ReservationId).ToArray();
        var found = ids.Length == 0 ? [] : await ReadAsync("where id = any($1)", [new() { Value = ids }], cancellation, connection);
        var byProduct = found.ToLookup(reservation => reservation.ProductId);
        return states.ToDictionary(
            state => state.Key,
            state => state.Value with { Reservations = byProduct[state.Key].ToImmutableDictionary(reservation => reservation.Id) });
    }

    /// <summary>One reservation, or null when there is none.</summary>
    public async Task<Reservation?> FindAsync(Guid id, CancellationToken cancellation) =>
        (await ReadAsync("where id = $1", [new() { Value = id }], cancellation)).SingleOrDefault();

    /// <summary>A product's reservations, the newest first.</summary>
    /// <param name="productId">The product.</param>
    /// <param name="status">Those in this status only.</param>
    /// <param name="before">Those older than this one only.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Stops the work.</param>
    public Task<List<Reservation>> ListAsync(
        Guid productId, ReservationStatus status, Guid? before, int limit, CancellationToken cancellation) =>
        ReadAsync(
            "where product_id = $1 and status = $2 and ($3::uuid is null or id < $3) order by id desc limit $4",
            [new() { Value = productId }, new() { Value = status.ToString() }, new() { Value = (object?)before ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid }, new() { Value = limit }],
            cancellation);

    /// <summary>Open reservations of all products, those that end first before the others.</summary>
    /// <param name="until">Those that end until then only.</param>
    /// <param name="after">Those behind this one only.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Stops the work.</param>
    public Task<List<Reservation>> ListByEndAsync(
        DateTimeOffset until, (DateTimeOffset ExpiresAt, Guid Id) after, int limit, CancellationToken cancellation) =>
        ReadAsync(
            "where status = 'Open' and expires_at <= $1 and (expires_at, id) > ($2, $3) order by expires_at, id limit $4",
            [new() { Value = until }, new() { Value = after.ExpiresAt }, new() { Value = after.Id }, new() { Value = limit }],
            cancellation);

    private async Task<List<Reservation>> ReadAsync(
        string where, NpgsqlParameter[] parameters, CancellationToken cancellation, NpgsqlConnection? connection = null)
    {
        await using var command = connection?.CreateCommand() ?? database.CreateCommand();
        command.CommandText = $"{_select} {where}";
        command.Parameters.AddRange(parameters);
        var found = new List<Reservation>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(new Reservation
            {
                Id = reader.GetGuid(0),
                ProductId = reader.GetGuid(1),
                Quantity = reader.GetInt32(2),
                Status = Enum.Parse<ReservationStatus>(reader.GetString(3)),
                ExpiresAt = reader.GetFieldValue<DateTimeOffset>(4),
                Reference = reader.GetValue(5) as string,
                CommittedQuantity = reader.GetValue(6) as int?,
                OpenedBy = new EventOrigin(reader.GetString(7), reader.GetFieldValue<DateTimeOffset>(8)),
                ClosedBy = reader.GetValue(9) is string actor ? new EventOrigin(actor, reader.GetFieldValue<DateTimeOffset>(10)) : null,
            });
        }

        return found;
    }
}
