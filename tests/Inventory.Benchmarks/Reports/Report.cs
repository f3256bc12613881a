using System.Globalization;
using System.Text;

namespace Inventory.Benchmarks.Reports;

/// <summary>Writes docs/benchmarks.md and its plots.</summary>
internal static class Report
{
    /// <summary>Writes everything.</summary>
    public static async Task WriteAsync(Figures figures, IReadOnlyList<Gate> gates, string conditions, IReadOnlyList<string> notes)
    {
        var docs = Path.Combine(Repository.Root, "docs");
        var text = new StringBuilder("# Benchmarks\n\n");
        text.Append("Written by `dotnet run -c Release --project tests/Inventory.Benchmarks`. Every figure comes from one run, on one machine that the service,\n");
        text.Append("PostgreSQL and the load generator share; figures of different runs must not be compared, ratios within one may.\n\n");
        text.Append(conditions).Append("\n\n## Gates\n\n| gate | what | ratio | bound | |\n| --- | --- | --- | --- | --- |\n");
        foreach (var gate in gates)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {gate.Number} | {gate.What} | {gate.Ratio:0.00} | {(gate.AtLeast ? "≥" : "≤")} {gate.Bound:0.00} | {(gate.Met ? "met" : "**not met**")} |\n");
        }

        text.Append("\n![The conflict curve](conflict-curve-hot.svg)\n\n![Spread over 1,000 products](conflict-curve-spread.svg)\n\n");
        text.Append("## Figures\n\nMedian of the rounds; in brackets the slowest and the fastest round.\n\n| peer | callers | per second | | p50 ms | p99 ms | failed |\n| --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var peer in figures.Peers)
        {
            foreach (var callers in figures.CallersOf(peer))
            {
                var (min, max) = figures.Spread(peer, callers);
                text.Append(CultureInfo.InvariantCulture, $"| {peer} | {callers} | {figures.PerSecond(peer, callers):N0} | ({min:N0} – {max:N0}) | {figures.P50(peer, callers):0.00} | {figures.P99(peer, callers):0.00} | {figures.Failed(peer, callers)} |\n");
            }
        }

        text.Append("\n## What was measured, and what was not\n\n");
        foreach (var note in notes)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {note}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(docs, "benchmarks.md"), text.ToString());
        await File.WriteAllTextAsync(Path.Combine(docs, "conflict-curve-hot.svg"), Plot.Draw(
            "One product, everybody at once", figures, ["service-hot", "sql-hot", "sql-cte", "framework", "exclusive", "backoff-seconds"]));
        await File.WriteAllTextAsync(Path.Combine(docs, "conflict-curve-spread.svg"), Plot.Draw(
            "1,000 products", figures, ["service-spread", "sql-spread"]));
    }
}
