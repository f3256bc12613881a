using System.Diagnostics;
using System.Text.RegularExpressions;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.Extensions.Logging;

namespace Inventory.Tests.Telemetry;

/// <summary>One trace shows what became of a request, from its arrival to the last who was told.</summary>
public sealed class TraceScenarios(TracedService service) : IClassFixture<TracedService>
{
    [Fact]
    public async Task One_trace_shows_a_request_its_batch_its_commit_its_projections_and_its_webhook()
    {
        var id = await LowAtAsync(5, onHand: 6);

        var (trace, spans) = await TraceOfAsync(id, await SellAsync(id, 1));

        var request = spans.Single(span => span.Kind == ActivityKind.Server && span.ParentSpanId == default);
        var command = Child(request, "command AdjustStock");
        var batch = Child(command, "batch");
        var commit = Child(batch, "commit");
        Assert.Contains(spans, span => span.Source.Name == "Npgsql" && span.ParentSpanId == commit.SpanId);
        Child(request, "project products");
        Child(request, "project movements");
        var fact = Child(request, "product-fact");
        var delivery = Child(fact, "deliver-webhook");
        var webhook = spans.Single(span => span.ParentSpanId == delivery.SpanId && span.Kind == ActivityKind.Client && span.Source.Name == "System.Net.Http");
        Assert.Equal($"00-{trace}-{webhook.SpanId}-01", service.TraceParents[$"{id}/3/StockLow"]);
        Assert.Equal(("Accepted", 1), (command.GetTagItem("inventory.outcome"), command.GetTagItem("inventory.attempts")));
        Assert.Empty(batch.Links);

        Activity Child(Activity parent, string name)
        {
            var child = Assert.Single(spans, span => span.OperationName == name);
            Assert.Equal(parent.SpanId, child.ParentSpanId);
            return child;
        }
    }

    [Fact]
    public async Task A_batch_of_several_commands_belongs_to_the_first_and_is_linked_with_the_others_whose_traces_go_on_by_themselves()
    {
        var (held, id) = (await service.ProductAsync(), await LowAtAsync(5, onHand: 8));

        var answers = await HeldCommit.WhileAsync(
            service, [() => Task.CompletedTask], () => SellAsync(held, 1), () => SellAsync(id, 1), () => SellAsync(id, 1), () => SellAsync(id, 1));
        var traces = new List<(ActivityTraceId Trace, List<Activity> Spans)>();
        foreach (var answer in answers.Skip(1))
        {
            traces.Add(await TraceOfAsync(id, answer));
        }

        var commands = traces.ConvertAll(trace => trace.Spans.Single(span => span.OperationName == "command AdjustStock"));
        var batch = Assert.Single(traces.SelectMany(trace => trace.Spans), span => span.OperationName == "batch");
        Assert.Equal((commands[0].TraceId, commands[0].SpanId), (batch.TraceId, batch.ParentSpanId));
        Assert.Equal(3, batch.GetTagItem("inventory.batch.commands"));
        Assert.Equal(commands.Skip(1).Select(command => command.Context), batch.Links.Select(link => link.Context));
        Assert.Empty(commands[0].Links);
        Assert.All(commands.Skip(1), command => Assert.Equal(batch.Context, Assert.Single(command.Links).Context));
        Assert.Single(traces[0].Spans, span => span.OperationName == "commit" && span.ParentSpanId == batch.SpanId);

        // What each of them brought about is in its own trace: the third made the stock low.
        Assert.All(traces, trace => Assert.Equal(2, trace.Spans.Count(span => span.OperationName.StartsWith("project ", StringComparison.Ordinal))));
        Assert.Equal([false, false, true], traces.Select(trace => trace.Spans.Exists(span => span.OperationName == "deliver-webhook")));
        Assert.StartsWith($"00-{traces[2].Trace}-", service.TraceParents[$"{id}/5/StockLow"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_goes_alone_is_traced_through_its_handler()
    {
        var id = await service.ProductAsync();

        var (_, spans) = await TraceOfAsync(id, await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "\"1\"")));

        var command = spans.Single(span => span.OperationName == "command RenameProduct");
        var handling = spans.Single(span => span.Source.Name == "Wolverine");
        Assert.Equal(command.SpanId, handling.ParentSpanId);
        Assert.Contains(spans, span => span.Source.Name == "Npgsql" && span.ParentSpanId == handling.SpanId);
    }

    [Fact]
    public async Task A_commit_that_lost_its_race_is_followed_by_another_in_the_same_trace()
    {
        var id = await service.ProductAsync();
        await SellAsync(id, 1);
        service.Race.Stage(() => service.AppendAsync(id, new StockAdjusted(-1, "sale", null)));

        var (_, spans) = await TraceOfAsync(id, await SellAsync(id, 1));

        Assert.Equal(2, spans.Single(span => span.OperationName.StartsWith("command", StringComparison.Ordinal)).GetTagItem("inventory.attempts"));
        Assert.Equal(
            [ActivityStatusCode.Error, ActivityStatusCode.Unset],
            spans.Where(span => span.OperationName == "commit").OrderBy(span => span.StartTimeUtc).Select(span => span.Status));
    }

    [Fact]
    public async Task What_the_service_asks_the_database_for_itself_makes_no_traces()
    {
        var id = await service.ProductAsync();
        await TraceOfAsync(id, await SellAsync(id, 1));
        await service.GetUpToDateAsync("/products");

        var roots = service.Spans.Where(span => span.ParentSpanId == default).Select(span => $"{span.Source.Name} {span.OperationName}").ToHashSet();

        Assert.Contains("Marten marten.products.all.page.execution", roots);
        Assert.DoesNotContain(roots, root => Regex.IsMatch(root, "^Npgsql|highwatermark|loading|wolverine_node_assignments"));
    }

    [Fact]
    public async Task A_command_that_succeeds_writes_no_line_into_the_log_and_a_conflict_writes_one_that_leads_to_its_trace()
    {
        var id = await service.ProductAsync();
        for (var n = 0; n < 10; n++)
        {
            await SellAsync(id, 1);
        }

        var renaming = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "\"1\""));

        Assert.Equal(412, renaming.Status);
        var line = Assert.Single(service.Logs, log => log.Attributes!.Any(value => value.Value is Guid stream && stream == id) || log.FormattedMessage?.Contains(id.ToString(), StringComparison.Ordinal) is true);
        Assert.Equal(("Inventory.Conflicts.CommandSender", LogLevel.Information), (line.CategoryName, line.LogLevel));
        Assert.Contains($"{line.TraceId}", renaming["traceId"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain(service.Logs, log => log.CategoryName is "Wolverine" or "Marten");
    }

    /// <summary>The trace that an answer's event names, when everything that follows from it is done.</summary>
    private async Task<(ActivityTraceId Trace, List<Activity> Spans)> TraceOfAsync(Guid id, HttpAnswer answer)
    {
        Assert.Equal(200, answer.Status);
        var version = answer["version"]!.GetValue<long>();
        await using var session = service.Store.QuerySession();
        var e = (await session.Events.FetchStreamAsync(id, version, token: TestContext.Current.CancellationToken))[^1];
        var trace = EventTraces.OriginOf(e.CorrelationId)!.Value.TraceId;
        List<Activity> spans;
        var waiting = Stopwatch.StartNew();
        do
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            spans = [.. service.Spans.Where(span => span.TraceId == trace)];
        }
        while (!IsComplete(spans) && waiting.Elapsed < TimeSpan.FromSeconds(30)); // What is missing then is said by who asks for it.
        return (trace, spans);

        bool IsComplete(List<Activity> spans) =>
            spans.Exists(span => span.Kind == ActivityKind.Server && span.ParentSpanId == default)
            && spans.Count(span => span.OperationName.StartsWith("project ", StringComparison.Ordinal)) >= 2
            && (!service.TraceParents.ContainsKey($"{id}/{version}/StockLow") && answer["product"]!["available"]!.GetValue<int>() != answer["product"]!["reorderPoint"]?.GetValue<int>()
                || spans.Exists(span => span.OperationName == "deliver-webhook"));
    }

    private async Task<Guid> LowAtAsync(int reorderPoint, int onHand)
    {
        var id = await service.ProductAsync(onHand);
        await service.PutAsync($"/products/{id}/reorder-point", new { reorderPoint });
        return id;
    }

    private Task<HttpAnswer> SellAsync(Guid id, int units) => service.PostAsync($"/products/{id}/adjustments", new { delta = -units, reason = "sale" });
}
