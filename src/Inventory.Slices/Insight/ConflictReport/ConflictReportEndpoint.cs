using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Npgsql;
using Wolverine.Http;

namespace Inventory.Slices.Insight;

/// <summary>
/// Tells which commands met which changes, on which products, and how that ended. Conflicts are written down after the fact and away from the
/// streams, so the newest may be missing: the answer never claims to be up to date.
/// </summary>
public static class ConflictReportEndpoint
{
    private const int HoursDefault = 24;
    private const int HoursMax = 720;
    private const int ListedMax = 100;

    [WolverineGet("/conflicts")]
    [Shows("Tell which commands met which changes, on which products, and how that ended", typeof(ConflictReport), nameof(ProblemTypes.Overloaded), Scope = Scope.Admin)]
    [Query("hours", typeof(int), "Of the last so many hours: 1 to 720; default 24.")]
    public static async Task<IResult> Get(
        HttpContext http, ProjectedReads projected, NpgsqlDataSource database, DatabaseReads reads, TimeProvider clock, CancellationToken cancellation)
    {
        if (!PageQuery.IsNumber(http.Request.Query["hours"], HoursDefault, HoursMax, out var hours))
        {
            return Problem.Malformed($"hours is a number from 1 to {HoursMax}.");
        }

        var since = clock.GetUtcNow().AddHours(-hours);
        return await reads.AnswerAsync(Work.List, ct => ReportAsync(projected, database, since, ct), cancellation);
    }

    private static async Task<IResult> ReportAsync(
        ProjectedReads reads, NpgsqlDataSource database, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
             select command, policy, clashing_event, count(*) filter (where not escaped), count(*) filter (where escaped), max(attempts)
             from {reads.Schema}conflicts where at >= $1 group by command, policy, clashing_event order by count(*) desc, command, clashing_event limit {ListedMax}
             """)
        { Parameters = { new() { Value = since } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
             select met.stream_id, listed.sku, listed.name, met.settled, met.told
             from (select stream_id, count(*) filter (where not escaped) as settled, count(*) filter (where escaped) as told
                   from {reads.Schema}conflicts where at >= $1 group by stream_id order by count(*) desc, stream_id limit {ListedMax}) met
             left join {reads.Schema}{ProductListTable.Name} listed on listed.product_id = met.stream_id
             order by met.settled + met.told desc, met.stream_id
             """)
        { Parameters = { new() { Value = since } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var pairs = new List<ConflictPair>();
        while (await reader.ReadAsync(cancellation))
        {
            pairs.Add(new ConflictPair(
                reader.GetString(0), reader.GetString(1), reader.GetValue(2) as string, reader.GetInt64(3), reader.GetInt64(4), reader.GetInt32(5)));
        }

        await reader.NextResultAsync(cancellation);
        var products = new List<ContendedProduct>();
        while (await reader.ReadAsync(cancellation))
        {
            products.Add(new ContendedProduct(
                reader.GetGuid(0), reader.GetValue(1) as string, reader.GetValue(2) as string, reader.GetInt64(3), reader.GetInt64(4)));
        }

        return TypedResults.Json(new ConflictReport(since, pairs, products, new Freshness(UpToDate: false)), HttpJson.Options);
    }
}

/// <summary>How conflicts ended.</summary>
/// <param name="Since">Those since then, UTC.</param>
/// <param name="Pairs">Which command met which change, the most frequent first; at most 100.</param>
/// <param name="Products">On which products, the most contended first; at most 100.</param>
/// <param name="Freshness">Conflicts of the last moments may be missing.</param>
public sealed record ConflictReport(DateTimeOffset Since, IReadOnlyList<ConflictPair> Pairs, IReadOnlyList<ContendedProduct> Products, Freshness Freshness);

/// <summary>A command and a change that it met.</summary>
/// <param name="Command">The command.</param>
/// <param name="Policy">Its policy.</param>
/// <param name="Event">The first change that clashed, or of one that did not; null when only a race was lost.</param>
/// <param name="Settled">How often the policy took care of it.</param>
/// <param name="Told">How often the caller was told.</param>
/// <param name="AttemptsMax">The most attempts that it took.</param>
public sealed record ConflictPair(string Command, string Policy, string? Event, long Settled, long Told, int AttemptsMax);

/// <summary>A product that commands met on.</summary>
/// <param name="ProductId">Its id.</param>
/// <param name="Sku">Its SKU; null while it is not listed yet, or when it was never created.</param>
/// <param name="Name">Its name; null like the SKU.</param>
/// <param name="Settled">How often a policy took care of it.</param>
/// <param name="Told">How often a caller was told.</param>
public sealed record ContendedProduct(Guid ProductId, string? Sku, string? Name, long Settled, long Told);
