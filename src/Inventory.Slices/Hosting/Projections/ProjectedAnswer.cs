using Inventory.Conflicts;

namespace Inventory.Slices.Hosting;

/// <summary>Answers from the product list, after the caller's own writes have come there if it asks for that.</summary>
public sealed class ProjectedAnswer(ListedVersions versions, DatabaseReads reads)
{
    /// <summary>Waits as <see cref="ReadAfter"/> says, without holding anything, and answers a page.</summary>
    public async Task<IResult> OfAsync<T>(HttpContext http, Func<CancellationToken, Task<Page<T>>> read)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(read);
        var (after, malformed) = ReadAfter.Of(http.Request.Headers);
        if (malformed is not null)
        {
            return malformed;
        }

        var reached = await versions.ReachAsync(after, http.RequestAborted);
        if (!reached && after.Strict)
        {
            return new Problem(ProblemTypes.NotYetVisible) { RetryAfterSeconds = 1 };
        }

        if (await reads.ReadAsync(Work.List, read, http.RequestAborted) is not { } page)
        {
            return DatabaseReads.Overloaded;
        }

        return TypedResults.Json(reached ? page : page with { Freshness = page.Freshness with { UpToDate = false } }, HttpJson.Options);
    }
}
