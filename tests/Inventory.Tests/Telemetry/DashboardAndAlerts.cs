using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Inventory.Slices.Hosting;
using Inventory.Tests.Architecture;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Telemetry;

/// <summary>The dashboard and the alerts ask for what the service measures, and the runbook knows every alert.</summary>
public sealed partial class DashboardAndAlerts(TracedService service) : IClassFixture<TracedService>
{
    private static readonly string[] LabelsOfPrometheus = ["le", "job", "instance"];

    private static readonly string[] Words = ["by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "bool", "offset"];

    [Fact]
    public async Task Every_metric_and_label_in_them_is_one_that_the_service_emits()
    {
        using var emitted = new PrometheusNames([.. Inventory.Slices.Hosting.Telemetry.Meters]);
        await WorkAsync();
        do
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            emitted.Observe();
        }
        while (!(emitted.Labels.Contains("projection") && emitted.Labels.Contains("endpoint") && emitted.Labels.Contains("clashing_event")));

        var expressions = Dashboard().Concat(Alerts().Select(alert => alert.Expression)).ToList();
        Assert.Contains(expressions, expression => expression.Contains("inventory_commands_duration_seconds_count", StringComparison.Ordinal));
        var used = expressions.ConvertAll(NamesIn);

        Assert.Equal([], used.SelectMany(names => names.Metrics).Distinct().Except(emitted.Metrics));
        Assert.Equal([], used.SelectMany(names => names.Labels).Distinct().Except(emitted.Labels).Except(LabelsOfPrometheus));
    }

    [Fact]
    public void Every_alert_has_a_heading_in_the_runbook_and_every_heading_an_alert()
    {
        var runbook = Read("docs/operations.md");
        var section = runbook[runbook.IndexOf("## Alerts", StringComparison.Ordinal)..];
        var headings = Heading().Matches(section[..section.IndexOf("\n## ", 3, StringComparison.Ordinal)]).Select(match => match.Groups[1].Value);

        var alerts = Alerts().ToList();
        Assert.True(alerts.Count > 5);
        Assert.Equal(alerts.Select(alert => alert.Name), headings);
        Assert.All(alerts, alert => Assert.EndsWith($"#{alert.Name.ToLowerInvariant()}", alert.Runbook, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sum by (command, outcome) (rate(inventory_x_total{outcome!~\"a|b\",le=\"+Inf\"}[$__rate_interval])) > 0 and on (instance) y", "inventory_x_total y", "command outcome le instance")]
    [InlineData("histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m]))) / (b_sum - 3e5)", "a_bucket b_sum", "le")]
    public void Names_are_found_in_an_expression(string expression, string metrics, string labels)
    {
        var names = NamesIn(expression);

        Assert.Equal(metrics.Split(' ').Order(), names.Metrics.Order());
        Assert.Equal(labels.Split(' ').Order(), names.Labels.Order());
    }

    /// <summary>A sale, a conflict, a fact that is delivered: a little of everything that is measured.</summary>
    private async Task WorkAsync()
    {
        var id = await service.ProductAsync(onHand: 6);
        await service.PutAsync($"/products/{id}/reorder-point", new { reorderPoint = 5 });
        await service.PostAsync($"/products/{id}/adjustments", new { delta = -1, reason = "sale" });
        await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "\"1\""));
        await service.GetUpToDateAsync("/products");
    }

    private static IEnumerable<string> Dashboard() => Expressions(JsonNode.Parse(Read("docs/operations/dashboard.json")));

    private static IEnumerable<string> Expressions(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member is { Key: "expr", Value: JsonValue expression } ? [expression.GetValue<string>()] : Expressions(member.Value)),
        JsonArray items => items.SelectMany(Expressions),
        _ => [],
    };

    private static IEnumerable<(string Name, string Expression, string Runbook)> Alerts() => Alert().Matches(Read("docs/operations/alerts.yml"))
        .Select(alert => (alert.Groups["name"].Value, alert.Groups["expr"].Value, alert.Groups["runbook"].Value));

    /// <summary>The metrics and labels in an expression of Prometheus' query language: what is neither a function, a word of the language nor a text.</summary>
    private static (IReadOnlyList<string> Metrics, IReadOnlyList<string> Labels) NamesIn(string expression)
    {
        var labels = new List<string>();
        var rest = Text().Replace(expression, "\"\"");
        rest = Selector().Replace(rest, selector => Take(selector.Groups[1].Value));
        rest = Grouping().Replace(rest, grouping => Take(grouping.Groups[1].Value));
        rest = Range().Replace(rest, "");
        return ([.. Metric().Matches(rest).Select(match => match.Value).Except(Words).Distinct()], [.. labels.Distinct()]);

        string Take(string names)
        {
            labels.AddRange(Name().Matches(names).Select(match => match.Value));
            return " ";
        }
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(SourceTree.Root, path));

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Text();

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex(@"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\[[^\]]*\]|\b\d[\w.]*")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Metric();

    [GeneratedRegex(@"[a-zA-Z_]\w*")]
    private static partial Regex Name();

    [GeneratedRegex("^### (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"- alert: (?<name>\w+)\n\s+expr: (?<expr>[^\n]+)\n.*?runbook_url: (?<runbook>\S+)", RegexOptions.Singleline)]
    private static partial Regex Alert();
}
