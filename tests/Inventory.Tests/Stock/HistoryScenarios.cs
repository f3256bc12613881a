using System.Globalization;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Stock;

public sealed class HistoryScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task History_tells_who_did_what_why_and_what_was_left()
    {
        var id = await service.ProductAsync(onHand: 10);
        await service.PostAsync($"/products/{id}/adjustments", new { delta = -4, reason = "sale", reference = "SO-17" }, ("Actor", "shop"));
        await service.PostAsync($"/products/{id}/reservations", new { quantity = 2, expiresInSeconds = 600, reference = "SO-18" }, ("Actor", "ann"));

        var answer = await service.GetAsync($"/products/{id}/history");

        Assert.Equal(200, answer.Status);
        Assert.Null(answer["next"]);
        Assert.Equal("""{"upToDate":true,"asOfVersion":3}""", answer["freshness"]!.ToJsonString());
        Assert.Equal(
            [
                """3 StockReserved "2 reserved (SO-18), 4 available" ann - SO-18 6 2 4""",
                """2 StockAdjusted "−4 (sale SO-17), 6 on hand" shop sale SO-17 6 0 6""",
                """1 ProductCreated "created as “Widgit” (SKU), 10 on hand" anonymous - - 10 0 10""",
            ],
            answer["items"]!.AsArray().Select(item => string.Create(
                CultureInfo.InvariantCulture,
                $"{item!["version"]} {item["event"]} \"{System.Text.RegularExpressions.Regex.Replace(item["summary"]!.GetValue<string>(), @"SKU-\d+", "SKU")}\" {item["actor"]} {item["reason"]?.GetValue<string>() ?? "-"} {item["reference"]?.GetValue<string>() ?? "-"} {item["onHand"]} {item["reserved"]} {item["available"]}")));
        Assert.Equal(3, answer["items"]!.AsArray().Select(item => Guid.Parse(item!["commandId"]!.GetValue<string>())).Distinct().Count());
    }

    [Fact]
    public async Task Pages_follow_one_another_while_somebody_goes_on_selling()
    {
        var id = await service.ProductAsync(onHand: 100);
        await service.AppendAsync(id, Sales(6));
        var versions = new List<int>();

        var page = await service.GetAsync($"/products/{id}/history?limit=3");
        while (true)
        {
            versions.AddRange(page["items"]!.AsArray().Select(item => item!["version"]!.GetValue<int>()));
            if (page["next"] is not { } next)
            {
                break;
            }

            await service.AppendAsync(id, new StockAdjusted(-1, "sale", null));
            page = await service.GetAsync($"/products/{id}/history?limit=3&cursor={next.GetValue<string>()}");
        }

        Assert.Equal([7, 6, 5, 4, 3, 2, 1], versions);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("limit=x")]
    [InlineData("cursor=-1")]
    [InlineData("cursor=0")]
    [InlineData("cursor=1&cursor=2")]
    public async Task A_page_that_cannot_be_is_told(string query)
    {
        var id = await service.ProductAsync();

        (await service.GetAsync($"/products/{id}/history?{query}")).IsProblem(400, "malformed-request");
        (await service.GetAsync($"/products/{Guid.CreateVersion7()}/history")).IsProblem(404, "product-not-found");
    }

    [Fact]
    public async Task A_product_is_shown_as_it_was_at_every_version_and_time()
    {
        var id = await service.ProductAsync(onHand: 10);
        object[] story =
        [
            new StockAdjusted(-4, "sale", null), new ProductRenamed("Widget", "Widgit"), new StockReserved(id, 2, DateTimeOffset.UnixEpoch.AddYears(90), null),
            new StockCounted(5, 6, null), new ReservationCommitted(id, 1, 1), new ReorderPointSet(3, null), new ProductDiscontinued(null), new ProductReinstated(),
        ];
        foreach (var e in story)
        {
            await service.AppendAsync(id, e);
        }

        await using var session = service.Store.QuerySession();
        var events = await session.Events.FetchStreamAsync(id, token: TestContext.Current.CancellationToken);
        Product? folded = null;
        foreach (var e in events)
        {
            folded = Product.Fold(folded, id, e.Data);
            var byVersion = await service.GetAsync($"/products/{id}?version={e.Version}");
            var byTime = await service.GetAsync($"/products/{id}?at={Uri.EscapeDataString(e.Timestamp.ToString("O", CultureInfo.InvariantCulture))}");

            Assert.Equal((200, $"\"{e.Version}\""), (byVersion.Status, byVersion.ETag));
            Assert.Equal(
                (folded.Name, folded.OnHand, folded.Reserved, folded.ReorderPoint, folded.Discontinued),
                (byVersion["name"]!.GetValue<string>(), byVersion["onHand"]!.GetValue<int>(), byVersion["reserved"]!.GetValue<int>(),
                    byVersion["reorderPoint"]?.GetValue<int>(), byVersion["discontinued"]!.GetValue<bool>()));
            Assert.Equal(byVersion.Text, byTime.Text);
            Assert.Equal(304, (await service.GetAsync($"/products/{id}?version={e.Version}", ("If-None-Match", $"\"{e.Version}\""))).Status);
        }

        (await service.GetAsync($"/products/{id}?version=10")).IsProblem(404, "version-not-found");
        (await service.GetAsync($"/products/{id}?at=2020-01-01T00:00:00Z")).IsProblem(404, "version-not-found");
        Assert.Equal("\"9\"", (await service.GetAsync($"/products/{id}?at=2999-01-01T00:00:00%2B01:00")).ETag);
    }

    [Theory]
    [InlineData("version=0")]
    [InlineData("version=-1")]
    [InlineData("version=1.0")]
    [InlineData("version=")]
    [InlineData("version=1&version=2")]
    [InlineData("version=1&at=2026-01-01T00:00:00Z")]
    [InlineData("at=2026-01-01")]
    [InlineData("at=2026-01-01T00:00:00")]
    [InlineData("at=2026-01-01T00:00:00+01:00")]
    [InlineData("at=2026-13-01T00:00:00Z")]
    [InlineData("at=yesterday")]
    public async Task A_past_that_cannot_be_is_told(string query)
    {
        var id = await service.ProductAsync();

        (await service.GetAsync($"/products/{id}?{query}")).IsProblem(400, "malformed-request");
    }

    [Fact]
    public async Task A_long_past_is_read_from_the_nearest_checkpoint()
    {
        const int Checkpoint = 1_000;
        var id = await service.ProductAsync(onHand: 10_000);
        for (var n = 0; n < 14; n++)
        {
            await service.AppendAsync(id, Sales(250));
        }

        // Checkpoints are kept by whoever writes: as one of a batch, and on their own.
        Assert.Equal([1_000L, 2_000L, 3_000L], await CheckpointsAsync(id));
        foreach (var version in new[] { 1, 2, 499, 500, 501, 999, 1_000, 1_001, 1_499, 1_501, 2_000, 2_750, 3_000, 3_250, 3_500, 3_501 })
        {
            var answer = await service.GetAsync($"/products/{id}?version={version}");
            Assert.Equal((version, 10_001 - version), (answer["version"]!.GetValue<int>(), answer["onHand"]!.GetValue<int>()));
        }

        // What lies between the checkpoints is not needed for what is near one.
        await RemoveEventsAsync(id, 200, 900);
        await RemoveEventsAsync(id, 1_100, 1_900);
        Assert.Equal(10_001 - 1_050, (await service.GetAsync($"/products/{id}?version=1050"))["onHand"]!.GetValue<int>());
        Assert.Equal(10_001 - 1_950, (await service.GetAsync($"/products/{id}?version=1950"))["onHand"]!.GetValue<int>());
        Assert.Equal(10_001 - 150, (await service.GetAsync($"/products/{id}?version=150"))["onHand"]!.GetValue<int>());
        var page = await service.GetAsync($"/products/{id}/history?limit=10&cursor={Checkpoint + 60}");
        Assert.Equal((1_059, 10_001 - 1_059), (page["items"]![0]!["version"]!.GetValue<int>(), page["items"]![0]!["onHand"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Every_event_says_who_did_it_by_which_command_and_in_which_request()
    {
        var created = await service.PostAsync("/products", new { sku = "ORIGIN", name = "Widgit", initialQuantity = 10 }, ("Actor", "ann"));
        var id = created["productId"]!.GetValue<string>();
        (string, string)[] ann = [("Actor", "ann"), ("If-Match", "*")];
        await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ann);
        await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" }, ann);
        await service.PutAsync($"/products/{id}/quantity", new { counted = 9 }, ann);
        await service.PutAsync($"/products/{id}/reorder-point", new { reorderPoint = 1 }, ann);
        foreach (var end in (string[])["commit", "release"])
        {
            var reserved = await service.PostAsync($"/products/{id}/reservations", new { quantity = 1, expiresInSeconds = 600 }, ann);
            await service.PostAsync($"/products/{id}/reservations/{reserved["reservation"]!["id"]}/{end}", new { }, ann);
        }

        await service.PostAsync("/adjustments", new { lines = new[] { new { productId = id, delta = 1 } }, reason = "order" }, ("Actor", "ann"));
        await service.PostAsync($"/products/{id}/discontinue", new { }, ann);
        await service.PostAsync($"/products/{id}/reinstate", new { }, ann);

        await using var session = service.Store.QuerySession();
        var events = await session.Events.FetchStreamAsync(Guid.Parse(id), token: TestContext.Current.CancellationToken);
        Assert.Equal(12, events.Count);
        Assert.All(events, e =>
        {
            Assert.Equal("ann", e.UserName);
            Assert.True(Guid.TryParse(e.CausationId, out _), $"{e.EventType.Name} names no command.");
            Assert.NotEmpty(e.CorrelationId ?? "");
        });
        Assert.Equal(12, events.Select(e => e.CausationId).Distinct().Count());
    }

    private static object[] Sales(int count) => [.. Enumerable.Range(0, count).Select(_ => new StockAdjusted(-1, "sale", null))];

    private async Task<List<long>> CheckpointsAsync(Guid id)
    {
        await using var command = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select version from inventory.product_checkpoints where product_id = $1 order by version");
        command.Parameters.Add(new() { Value = id });
        var versions = new List<long>();
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            versions.Add(reader.GetInt64(0));
        }

        return versions;
    }

    private async Task RemoveEventsAsync(Guid id, int from, int to)
    {
        await using var command = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "delete from inventory.mt_events where stream_id = $1 and version between $2 and $3");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        Assert.Equal(to - from + 1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }
}
