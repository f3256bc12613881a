using System.Globalization;
using System.Text.Json.Serialization;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Microsoft.Extensions.Primitives;
using Npgsql;
using NpgsqlTypes;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>Tells per day what came in, went out and was corrected by counts, the newest day first; of one product or of all. Eventually consistent.</summary>
public static class MovementsEndpoint
{
    private const int DaysDefault = 30;
    private const int DaysMax = 366;

    [WolverineGet("/stock/movements")]
    [Shows("Tell per day what came in, went out and was corrected", typeof(Page<MovementsOfDay>), nameof(ProblemTypes.ProductNotFound), nameof(ProblemTypes.Overloaded))]
    [Query("from", typeof(DateOnly), "The first day (UTC), such as 2026-01-31. Default: 29 days before the last.")]
    [Query("to", typeof(DateOnly), "The last day (UTC). Default: today. At most 366 days in all.")]
    [Query("product", typeof(string), "Only this product's: its id, or its SKU as sku:W-1.")]
    public static async Task<IResult> Get(
        HttpContext http, ProjectedReads projected, ProductAddresses addresses, DatabaseReads reads, TimeProvider clock, CancellationToken cancellation)
    {
        var query = http.Request.Query;
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (!IsDay(query["to"], today, out var to) || !IsDay(query["from"], to.AddDays(1 - DaysDefault), out var from)
            || from > to || to.DayNumber - from.DayNumber >= DaysMax || query["product"].Count > 1)
        {
            return Problem.Malformed($"from and to are days such as 2026-01-31, from not after to, and at most {DaysMax} days in all; product names one product.");
        }

        var product = Guid.Empty;
        if (query["product"].Count == 1)
        {
            (product, var problem) = await addresses.ResolveAsync(query["product"]!, cancellation);
            if (problem is not null || !await addresses.ExistsAsync(product, cancellation))
            {
                return problem ?? Problem.ProductNotFound(query["product"]!);
            }
        }

        return await reads.AnswerAsync(Work.List, ct => ReadAsync(projected, product, from, to, ct), cancellation);
    }

    private static async Task<IResult> ReadAsync(ProjectedReads reads, Guid product, DateOnly from, DateOnly to, CancellationToken cancellation)
    {
        var command = new NpgsqlBatchCommand(
            $"""
             select day, sum(units_in)::bigint, sum(units_out)::bigint, sum(corrections)::bigint, max(version)
             from {reads.Schema}{MovementTable.Name}
             where day between $1 and $2 {(product == Guid.Empty ? "" : "and product_id = $3")} group by day order by day desc
             """)
        {
            Parameters = { new() { Value = from, NpgsqlDbType = NpgsqlDbType.Date }, new() { Value = to, NpgsqlDbType = NpgsqlDbType.Date } },
        };
        if (product != Guid.Empty)
        {
            command.Parameters.Add(new() { Value = product });
        }

        var (days, freshness) = await reads.ReadAsync(
            MovementProjection.Name, command,
            row => new MovementsOfDay(
                row.GetFieldValue<DateOnly>(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), product == Guid.Empty ? null : row.GetInt64(4)),
            cancellation);
        return TypedResults.Json(new Page<MovementsOfDay>(days, null, freshness), HttpJson.Options);
    }

    private static bool IsDay(StringValues given, DateOnly otherwise, out DateOnly day)
    {
        day = otherwise;
        return given.Count == 0
            || (given.Count == 1 && DateOnly.TryParseExact(given[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) && day.Year > 1);
    }
}

/// <summary>What moved on a day on which something did.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="In">Units that came in, initial stock among them.</param>
/// <param name="Out">Units that went out.</param>
/// <param name="Corrections">Units by which counts differed from the books, added up; negative when units were missing.</param>
/// <param name="Version">Of one product: the version of its stream up to which the day is counted.</param>
public sealed record MovementsOfDay(
    DateOnly Day, long In, long Out, long Corrections, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Version = null);
