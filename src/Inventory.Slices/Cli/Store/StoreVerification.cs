using System.Collections.Concurrent;
using System.Data;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Inventory.Slices.Reservations;
using Inventory.Slices.Stock;
using Spectre.Console;

namespace Inventory.Slices.Cli.Store;

/// <summary>
/// Folds every stream from its beginning and compares what comes out with every row that projections wrote: the snapshot and the reservations,
/// which are written with the events, exactly; the others at the version that each row says it reflects.
/// </summary>
internal sealed class StoreVerification
{
    private const int ReservationsComparedAtOnce = 1_000;

    private readonly ConcurrentQueue<string> _differences = [];
    private long _products;
    private long _events;
    private long _rows;
    private long _behind;
    private int _reservationsKeptMax;

    /// <summary>Rows that do not say what the events say.</summary>
    public IReadOnlyCollection<string> Differences => _differences;

    /// <summary>How many products were folded.</summary>
    public long Products => _products;

    /// <summary>How many events were folded.</summary>
    public long Events => _events;

    /// <summary>How many rows were compared.</summary>
    public long Rows => _rows;

    /// <summary>How many rows had not come as far as their stream when they were read, as rows of asynchronous projections may.</summary>
    public long Behind => _behind;

    /// <summary>
    /// How many reservations of one product were kept at the same time at most: those that were open, and some that had ended and were not compared yet.
    /// </summary>
    public int ReservationsKeptMax => _reservationsKeptMax;

    /// <summary>Compares them all, each product as the database was at one moment.</summary>
    public Task RunAsync(StoreWalk walk, ProgressTask bar) => walk.ForEachAsync(bar, IsolationLevel.RepeatableRead, VerifyAsync);

    private async Task VerifyAsync(StoreWalk.ProductVisit product)
    {
        var snapshot = await product.Session.LoadAsync<Product>(product.Id);
        var listed = (await product.RowsAsync(
            $"select {ProductListItem.Columns} from {product.Schema}{ProductListTable.Name} where product_id = $1", ProductListItem.Read)).SingleOrDefault();
        var days = await product.RowsAsync(
            $"select day, units_in, units_out, corrections, version from {product.Schema}{MovementTable.Name} where product_id = $1",
            row => (Day: row.GetFieldValue<DateOnly>(0), In: row.GetInt64(1), Out: row.GetInt64(2), Correction: row.GetInt64(3), Version: row.GetInt64(4)));
        var reservationRows = (await product.RowsAsync(
            $"select count(*) from {product.Schema}{ReservationTable.Name} where product_id = $1", row => row.GetInt64(0))).Single();
        var reached = (await product.RowsAsync(
            $"select name, last_seq_id from {product.Schema}mt_event_progression where $1 is not null",
            row => (Shard: row.GetString(0), Sequence: row.GetInt64(1)))).ToDictionary(shard => shard.Shard, shard => shard.Sequence);
        var (listedTo, countedTo) = (
            reached.GetValueOrDefault($"{ProductListProjection.Name}:All"), reached.GetValueOrDefault($"{MovementProjection.Name}:All"));

        Product? folded = null;
        Product? asListed = null;
        var (opened, ended) = (0L, new List<Reservation>());
        var (mustList, mustCount) = (0L, new Dictionary<DateOnly, long>());
        var moved = new Dictionary<DateOnly, (long In, long Out, long Correction)>();
        var counted = days.ToDictionary(day => day.Day, day => day.Version);
        await foreach (var e in product.EventsAsync())
        {
            folded = Product.Fold(folded, product.Id, e.Data);
            if (Product.ReservationOf(e.Data) is { } id && folded.Reservations.TryGetValue(id, out var reservation))
            {
                opened += e.Data is StockReserved ? 1 : 0;
                KeepAtMost(folded.Reservations.Count + ended.Count);
                if (reservation.Status != ReservationStatus.Open)
                {
                    // Each ends once: what has ended is compared and forgotten, however many there were.
                    ended.Add(reservation);
                    folded = folded with { Reservations = folded.Reservations.Remove(id) };
                    if (ended.Count == ReservationsComparedAtOnce)
                    {
                        await CompareReservationsAsync(ended);
                        ended.Clear();
                    }
                }
            }

            asListed = folded.Version == listed?.Version ? folded : asListed;
            mustList = e.Sequence <= listedTo ? e.Version : mustList;
            if (Movement.Of(e) is { } movement)
            {
                if (e.Sequence <= countedTo)
                {
                    mustCount[movement.Day] = e.Version;
                }

                if (e.Version <= counted.GetValueOrDefault(movement.Day))
                {
                    var before = moved.GetValueOrDefault(movement.Day);
                    moved[movement.Day] = (before.In + movement.In, before.Out + movement.Out, before.Correction + movement.Correction);
                }
            }

            Interlocked.Increment(ref _events);
        }

        if (folded is null)
        {
            return;
        }

        Interlocked.Increment(ref _products);
        Compare("snapshot", ProductView.Of(folded), snapshot is null ? null : ProductView.Of(snapshot));
        if (snapshot?.LastVersions is { } remembered && remembered.UpTo == snapshot.Version)
        {
            Compare("last versions", Told(folded.LastVersions!, remembered.From), Told(remembered, remembered.From));
        }

        foreach (var some in ended.Concat(folded.Reservations.Values).Chunk(ReservationsComparedAtOnce))
        {
            await CompareReservationsAsync(some);
        }

        if (reservationRows > opened)
        {
            Differ($"{reservationRows - opened} reservations that no event opened");
        }

        if (listed is not null || mustList > 0)
        {
            Compare("product list", asListed is null ? null : ProductListItem.Of(asListed, listed!.ChangedAt), listed);
        }

        if (mustList > (listed?.Version ?? 0))
        {
            Differ($"the product list has version {listed?.Version ?? 0}, but has passed version {mustList}");
        }

        foreach (var day in days)
        {
            var sum = moved.GetValueOrDefault(day.Day);
            Compare($"movements of {day.Day:O}", (sum.In, sum.Out, sum.Correction), (day.In, day.Out, day.Correction));
        }

        foreach (var day in mustCount.Where(day => day.Value > counted.GetValueOrDefault(day.Key)))
        {
            Differ($"the movements of {day.Key:O} have counted to version {counted.GetValueOrDefault(day.Key)}, but have passed version {day.Value}");
        }

        if ((listed?.Version ?? 0) < folded.Version)
        {
            Interlocked.Increment(ref _behind);
        }

        static string Told(LastVersions last, long from) =>
            string.Join(", ", last.Of.Where(kind => kind.Value > from).Select(kind => $"{kind.Key} at {kind.Value}"));

        async Task CompareReservationsAsync(IReadOnlyCollection<Reservation> some)
        {
            var ids = string.Join(',', some.Select(reservation => $"'{reservation.Id}'"));
            var rows = (await product.RowsAsync(
                $"select id, quantity, status from {product.Schema}{ReservationTable.Name} where product_id = $1 and id in ({ids})",
                row => (Id: row.GetGuid(0), Quantity: row.GetInt32(1), Status: row.GetString(2)))).ToDictionary(row => row.Id);
            foreach (var reservation in some)
            {
                Compare($"reservation {reservation.Id}", (reservation.Id, reservation.Quantity, reservation.Status.ToString()), rows.GetValueOrDefault(reservation.Id));
            }
        }

        void KeepAtMost(int kept)
        {
            for (var most = _reservationsKeptMax; kept > most; most = _reservationsKeptMax)
            {
                Interlocked.CompareExchange(ref _reservationsKeptMax, kept, most);
            }
        }

        void Compare<T>(string what, T events, T row)
        {
            Interlocked.Increment(ref _rows);
            if (!Equals(events, row))
            {
                Differ($"{what}: the events say {events}, the row says {row}");
            }
        }

        void Differ(string what) => _differences.Enqueue($"{product.Id} {what}");
    }
}
