using System.Globalization;
using System.Text;
using Inventory.Verification.Histories;
using Inventory.Verification.Running;

namespace Inventory.Verification.Reports;

/// <summary>What runs came to, as a page of its own that a browser shows: of each run the answers second by second, and under them which faults there were.</summary>
internal static class HtmlReport
{
    private const int Width = 1_000;
    private const int PaceHeight = 80;
    private const int LaneHeight = 16;
    private const int Margin = 80;

    private const string Style =
        """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b1f24; background: #fff }
        table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top } td.n { text-align: right; font-variant-numeric: tabular-nums }
        .green { color: #1a7f37 } .red { color: #cf222e; font-weight: 600 } svg { width: 100%; height: auto; display: block } details { margin: .5rem 0 1.5rem } pre { white-space: pre-wrap }
        @media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } svg text { fill: #e6edf3 } .green { color: #3fb950 } .red { color: #ff7b72 } }
        """;

    /// <summary>The page.</summary>
    public static string Of(IReadOnlyList<RunResult> results)
    {
        var sum = results.Select(result => result.Verdict.Counters).Aggregate((one, other) => one + other);
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Verification</title><style>").Append(Style).Append("</style><h1>Verification</h1>");
        html.Append(CultureInfo.InvariantCulture, $"<p>{results.Count:N0} runs, {sum.Operations:N0} operations, {results.Sum(result => result.Faults.Count):N0} faults, ")
            .Append(CultureInfo.InvariantCulture, $"{results.Sum(result => result.Verdict.Violations.Count):N0} violations.</p><table>");
        foreach (var (name, value) in TextReport.Counts(sum))
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"n\">{value:N0}<td>{name}");
        }

        html.Append("</table>");
        foreach (var result in results)
        {
            Run(html, result);
        }

        return html.Append("</html>").ToString();
    }

    private static void Run(StringBuilder html, RunResult result)
    {
        var green = TextReport.ExitCode(result.Verdict) == 0;
        html.Append(CultureInfo.InvariantCulture, $"<h2>{result.Plan.Workload.Name}, seed {result.Plan.Seed}: <span class=\"{(green ? "green" : "red")}\">{(green ? "green" : "not green")}</span></h2>");
        Timeline(html, result);
        html.Append("<details><summary>In words</summary><pre>").Append(System.Net.WebUtility.HtmlEncode(TextReport.Of(result))).Append("</pre></details>");
    }

    private static void Timeline(StringBuilder html, RunResult result)
    {
        var seconds = Math.Max(1, Math.Max(result.Pace.Select(pace => pace.Second).DefaultIfEmpty().Max() + 1, (int)(result.Faults.Select(span => span.Ended).DefaultIfEmpty().Max() / 1_000_000) + 1));
        var most = Math.Max(1, result.Pace.Select(pace => pace.Answers + pace.Unknown).DefaultIfEmpty().Max());
        var scale = (Width - Margin) / (double)seconds;
        var lanes = Enumerable.Range(0, result.Plan.Nodes).Select(node => (Name: $"node {node}", Node: (int?)node)).Append((Name: "all", Node: null)).ToList();
        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {PaceHeight + (lanes.Count * LaneHeight) + 24}\" font-size=\"11\" role=\"img\" aria-label=\"answers a second, and faults, over time\">");
        html.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"12\">{most:N0}/s</text>");
        foreach (var pace in result.Pace)
        {
            Bar(html, pace, pace.Answers, 0, "#2da44e", most, scale);
            Bar(html, pace, pace.Unknown, pace.Answers, "#cf222e", most, scale);
        }

        foreach (var (at, lane) in lanes.Index())
        {
            var y = PaceHeight + 4 + (at * LaneHeight);
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{y + 11}\">{lane.Name}</text>");
            foreach (var span in result.Faults.Where(span => span.Node == lane.Node))
            {
                Fault(html, span, y, scale);
            }
        }

        html.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"{PaceHeight + (lanes.Count * LaneHeight) + 20}\">0 s</text>");
        html.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width}\" y=\"{PaceHeight + (lanes.Count * LaneHeight) + 20}\" text-anchor=\"end\">{seconds:N0} s</text></svg>");
    }

    private static void Bar(StringBuilder html, Pace pace, int count, int below, string colour, int most, double scale)
    {
        var (height, bottom) = (count * PaceHeight / (double)most, below * PaceHeight / (double)most);
        html.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Margin + (pace.Second * scale):0.0}\" y=\"{PaceHeight - bottom - height:0.0}\" width=\"{Math.Max(0.5, scale):0.0}\" height=\"{height:0.0}\" fill=\"{colour}\"/>");
    }

    private static void Fault(StringBuilder html, FaultSpan span, int y, double scale)
    {
        var (from, length) = (span.Began / 1_000_000.0, (span.Ended - span.Began) / 1_000_000.0);
        // One colour per kind, the same in every run.
        var hue = span.Fault.Aggregate(17, (hash, letter) => (hash * 31 + letter) % 360);
        html.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Margin + (from * scale):0.0}\" y=\"{y}\" width=\"{Math.Max(2, length * scale):0.0}\" height=\"{LaneHeight - 3}\" rx=\"2\" fill=\"hsl({hue} 65% 50%)\">")
            .Append(CultureInfo.InvariantCulture, $"<title>{span.Fault}, {from:N1} s to {from + length:N1} s</title></rect>");
    }
}
