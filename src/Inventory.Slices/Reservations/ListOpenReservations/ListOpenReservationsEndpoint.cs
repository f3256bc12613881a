using System.Globalization;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Microsoft.Extensions.Primitives;
using Wolverine.Http;

namespace Inventory.Slices.Reservations;

/// <summary>
/// Lists the open reservations of all products, those that end first before the others. Exact: they are written in the transaction of their
/// products' events. A cursor names the last one of a page, so each that stays open comes once.
/// </summary>
public static class ListOpenReservationsEndpoint
{
    private const string Sort = "expiresAt";

    [WolverineGet("/reservations")]
    [Shows("List the open reservations of all products, those that end first before the others", typeof(Page<ReservationView>), nameof(ProblemTypes.Overloaded))]
    [Query("expiringWithinSeconds", typeof(int), "Only those that end within so many seconds: 1 to 2,592,000 (30 days). Default: all.")]
    [Query("limit", typeof(int), "How many: 1 to 200; default 50.")]
    [Query("cursor", typeof(string), "“next” of the page before.")]
    public static async Task<IResult> Get(HttpContext http, ReservationRecords reservations, DatabaseReads reads, TimeProvider clock, CancellationToken cancellation)
    {
        var query = http.Request.Query;
        if (!PageQuery.IsNumber(query["expiringWithinSeconds"], ProductLimits.ReservationSecondsMax, ProductLimits.ReservationSecondsMax, out var seconds)
            || !PageQuery.IsLimit(query["limit"], out var limit) || !IsCursor(query["cursor"], out var after))
        {
            return Problem.Malformed(
                $"expiringWithinSeconds is a number from 1 to {ProductLimits.ReservationSecondsMax}, limit one from 1 to {PageQuery.PageItemsMax}, and cursor what “next” of the page before said.");
        }

        var until = clock.GetUtcNow().AddSeconds(seconds);
        var found = await reads.ReadAsync(Work.List, ct => reservations.ListByEndAsync(until, after, limit + 1, ct), cancellation);
        if (found is null)
        {
            return DatabaseReads.Overloaded;
        }

        var last = found.Count > limit ? found[limit - 1] : null;
        return TypedResults.Json(
            new Page<ReservationView>(
                [.. found.Take(limit).Select(ReservationView.Of)],
                last is null ? null : PageQuery.CursorOf(Sort, last.ExpiresAt.ToString("O", CultureInfo.InvariantCulture), last.Id),
                Freshness.Exact),
            HttpJson.Options);
    }

    private static bool IsCursor(StringValues given, out (DateTimeOffset ExpiresAt, Guid Id) after)
    {
        after = (DateTimeOffset.UnixEpoch, Guid.Empty);
        if (!PageQuery.IsCursor(given, Sort, out var cursor))
        {
            return false;
        }

        if (cursor is not { } named)
        {
            return true;
        }

        after.Id = named.Id;
        return DateTimeOffset.TryParseExact(named.Value, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out after.ExpiresAt)
            && after.ExpiresAt.Offset == TimeSpan.Zero;
    }
}
