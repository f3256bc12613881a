namespace Inventory.Slices.Hosting;

/// <summary>Answers from the product list, after the caller's own writes have come there if it asks for that.</summary>
public static class ProjectedAnswer
{
    /// <summary>Waits as <see cref="ReadAfter"/> says, and answers a page.</summary>
    public static async Task<IResult> OfAsync<T>(HttpContext http, ListedVersions versions, Func<Task<Page<T>>> read)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(versions);
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

        var page = await read();
        return TypedResults.Json(reached ? page : page with { Freshness = page.Freshness with { UpToDate = false } }, HttpJson.Options);
    }
}
