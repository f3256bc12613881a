using System.Text.Json;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Microsoft.Extensions.Primitives;
using Wolverine.Http;

namespace Inventory.Slices.Reservations;

/// <summary>
/// Lists a product's reservations, the newest first: the open ones unless <c>status</c> says otherwise. Exact, and read page by page.
/// </summary>
public static class ListReservationsEndpoint
{
    private static readonly Dictionary<string, ReservationStatus> Statuses =
        Enum.GetValues<ReservationStatus>().ToDictionary(status => JsonNamingPolicy.CamelCase.ConvertName(status.ToString()));

    [WolverineGet("/products/{product}/reservations")]
    [Shows("List a product's reservations, the newest first", typeof(Page<ReservationView>), nameof(ProblemTypes.ProductNotFound), nameof(ProblemTypes.Overloaded))]
    [Query("status", typeof(ReservationStatus), "Those in this status; default “open”.")]
    [Query("limit", typeof(int), "How many: 1 to 200; default 50.")]
    [Query("cursor", typeof(string), "“next” of the page before.")]
    public static async Task<IResult> Get(
        string product, HttpContext http, ReservationRecords reservations, ProductAddresses addresses, DatabaseReads reads,
        CancellationToken cancellation)
    {
        var query = http.Request.Query;
        if (!IsStatus(query["status"], out var status) || !PageQuery.IsLimit(query["limit"], out var limit) || !IsCursor(query["cursor"], out var before))
        {
            return Problem.Malformed(
                $"status is one of open, committed, released and expired, limit a number from 1 to {PageQuery.PageItemsMax}, and cursor what “next” of the page before said.");
        }

        var address = await addresses.ResolveAsync(product, cancellation);
        if (address.Problem is { } problem)
        {
            return problem;
        }

        // One more than shown tells whether there is a next page.
        var found = await reads.ReadAsync(
            Work.List, ct => reservations.ListAsync(address.Id, status, before, limit + 1, ct), cancellation);
        if (found is null)
        {
            return DatabaseReads.Overloaded;
        }

        if (found.Count == 0 && !await addresses.ExistsAsync(address.Id, cancellation))
        {
            return Problem.ProductNotFound(product);
        }

        return TypedResults.Json(
            new Page<ReservationView>(
                [.. found.Take(limit).Select(ReservationView.Of)], found.Count > limit ? found[limit - 1].Id.ToString() : null, Freshness.Exact),
            HttpJson.Options);
    }

    private static bool IsStatus(StringValues given, out ReservationStatus status)
    {
        status = ReservationStatus.Open;
        return given.Count == 0 || (given.Count == 1 && Statuses.TryGetValue(given[0] ?? "", out status));
    }

    private static bool IsCursor(StringValues given, out Guid? before)
    {
        before = null;
        if (given.Count != 1 || !Ids.TryParse(given[0], out var id))
        {
            return given.Count == 0;
        }

        before = id;
        return true;
    }
}
