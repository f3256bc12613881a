using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using JasperFx.Events;
using Marten;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>Sends everything that happened to a product as a CSV file, oldest first, with the stock after each event.</summary>
public static class ExportHistoryEndpoint
{
    private const int RowsAtOnce = 1_000;

    /// <summary>What came in and what went out have columns of their own, so that no number begins with a sign.</summary>
    private static readonly string[] Columns = ["version", "at", "event", "in", "out", "onHand", "reserved", "name", "summary", "actor"];

    [WolverineGet("/products/{product}/history.csv")]
    [Shows("Export a product's history as CSV, the oldest first", typeof(string), nameof(ProblemTypes.ProductNotFound), nameof(ProblemTypes.Overloaded), MediaType = "text/csv")]
    public static async Task<IResult> Get(
        string product, IDocumentStore store, ProductAddresses addresses, DatabaseReads reads, Exports exports, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        var (id, problem) = await addresses.ResolveAsync(product, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        var first = await reads.ReadAsync(Work.Export, ct => ReadAsync(store, id, 1, ct), cancellation);
        return first switch
        {
            null => DatabaseReads.Overloaded,
            { Count: 0 } => Problem.ProductNotFound(product),
            _ => new CsvAnswer("history.csv", Columns, RowsAsync(store, reads, id, first, cancellation), exports),
        };
    }

    private static async IAsyncEnumerable<IReadOnlyList<object?>> RowsAsync(
        IDocumentStore store, DatabaseReads reads, Guid id, IReadOnlyList<IEvent> page, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        Product? state = null;
        var next = 1L;
        while (page.Count > 0)
        {
            foreach (var e in page)
            {
                // Without its reservations: all that there ever were would be kept to the end.
                var after = Product.Fold(state, id, e.Data) with { Reservations = ImmutableDictionary<Guid, Reservation>.Empty };
                var change = after.OnHand - (state?.OnHand ?? 0);
                yield return
                [
                    e.Version, e.Timestamp.ToUniversalTime(), e.Data.GetType().Name, change > 0 ? change : null, change < 0 ? -change : null,
                    after.OnHand, after.Reserved, after.Name, Product.Describe(e.Data, after), e.UserName ?? CommandContext.System,
                ];
                (state, next) = (after, e.Version + 1);
            }

            page = await reads.ReadOnAsync(Work.Export, ct => ReadAsync(store, id, next, ct), cancellation);
        }
    }

    private static async Task<IReadOnlyList<IEvent>> ReadAsync(IDocumentStore store, Guid id, long from, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await session.Events.FetchStreamAsync(id, version: from + RowsAtOnce - 1, fromVersion: from, token: cancellation);
    }
}
