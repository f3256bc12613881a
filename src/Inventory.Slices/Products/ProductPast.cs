using JasperFx.Events;
using Marten;
using Marten.Events;
using Npgsql;

namespace Inventory.Slices.Products;

/// <summary>
/// Products as they were. From the nearest state that is known (a checkpoint, today's, or the beginning) the events in between are folded
/// forwards or backwards, so that a stream of a million events costs what one of a thousand does.
/// </summary>
public sealed class ProductPast(IDocumentStore store, NpgsqlDataSource database)
{
    private const int EventsReadAtOnce = 1_000;

    private readonly string _nearest =
        $"""
         (select data from {store.Options.DatabaseSchemaName}.{CheckpointTable.Name} where product_id = $1 and version <= $2 order by version desc limit 1)
         union all
         (select data from {store.Options.DatabaseSchemaName}.{CheckpointTable.Name} where product_id = $1 and version > $2 order by version limit 1)
         """;

    private readonly string _timeOf = $"select timestamp from {store.Options.Events.DatabaseSchemaName}.mt_events where stream_id = $1 and version = $2";

    /// <summary>The product as it is now, or null when there is none.</summary>
    public async Task<Product?> NowAsync(Guid id, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<Product>(id, cancellation);
    }

    /// <summary>The product at an earlier version.</summary>
    /// <param name="now">The product now.</param>
    /// <param name="version">The version, 1 to that of <paramref name="now"/>.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task<Product> AtVersionAsync(Product now, long version, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(now);
        var known = version == now.Version ? [now] : new List<Product>([now, .. await CheckpointsAsync(now.Id, version, cancellation)]);
        var nearest = known.MinBy(state => Math.Abs(state.Version - version))!;
        if (nearest.Version < version || version - 1 < nearest.Version - version)
        {
            // Forwards, from a checkpoint or from nothing.
            Product? state = nearest.Version < version ? nearest : null;
            await foreach (var e in EventsAsync(now.Id, (state?.Version ?? 0) + 1, version, forwards: true, cancellation))
            {
                state = Product.Fold(state, now.Id, e.Data);
            }

            return state!;
        }

        var after = nearest;
        await foreach (var e in EventsAsync(now.Id, version + 1, nearest.Version, forwards: false, cancellation))
        {
            after = Product.Unfold(after, e.Data);
        }

        return after;
    }

    /// <summary>
    /// The last version at a time; 0 when the product did not exist yet. Found by halving: an index over times for this alone would make every
    /// change dearer. It relies on times that rise with the versions, which they do up to the difference between the clocks of the nodes.
    /// </summary>
    public async Task<long> VersionAtAsync(Product now, DateTimeOffset at, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(now);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(_timeOf, connection);
        command.Parameters.Add(new() { Value = now.Id });
        command.Parameters.Add(new() { Value = 0L });
        var (known, above) = (0L, now.Version + 1);
        while (above - known > 1)
        {
            var probe = known + ((above - known) / 2);
            command.Parameters[1].Value = probe;
            var time = (DateTime)(await command.ExecuteScalarAsync(cancellation))!;
            (known, above) = new DateTimeOffset(time) <= at ? (probe, above) : (known, probe);
        }

        return known;
    }

    /// <summary>Some events of a product, the newest first, each with the state right after it.</summary>
    /// <param name="top">The state after the first of them.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task<List<(IEvent Event, Product After)>> BackFromAsync(Product top, int limit, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(top);
        var told = new List<(IEvent, Product)>();
        var after = top;
        await foreach (var e in EventsAsync(top.Id, Math.Max(1, top.Version - limit + 1), top.Version, forwards: false, cancellation))
        {
            told.Add((e, after));
            after = e.Version > 1 ? Product.Unfold(after, e.Data) : after;
        }

        return told;
    }

    private async Task<List<Product>> CheckpointsAsync(Guid id, long version, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(_nearest);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = version });
        var found = new List<Product>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(await store.Options.Serializer().FromJsonAsync<Product>(reader, 0, cancellation));
        }

        return found;
    }

    private async IAsyncEnumerable<IEvent> EventsAsync(
        Guid id, long first, long last, bool forwards, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        while (first <= last)
        {
            var (from, to) = forwards ? (first, Math.Min(last, first + EventsReadAtOnce - 1)) : (Math.Max(first, last - EventsReadAtOnce + 1), last);
            var query = session.Events.QueryAllRawEvents().Where(e => e.StreamId == id && e.Version >= from && e.Version <= to);
            var events = await (forwards ? query.OrderBy(e => e.Version) : query.OrderByDescending(e => e.Version)).ToListAsync(cancellation);
            foreach (var e in events)
            {
                yield return e;
            }

            (first, last) = forwards ? (to + 1, last) : (first, from - 1);
        }
    }
}
