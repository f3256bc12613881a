using System.Text.Json.Nodes;
using Inventory.Slices.Insight;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Insight;

public sealed class LiveUpdatesScenarios(Service service) : IClassFixture<Service>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_products_changes_come_in_words_as_they_happen()
    {
        var id = await service.ProductAsync(onHand: 10, "Followed");
        await using var events = Read($"/products/{id}/changes", null);

        Assert.Equal((1L, "open"), (await NextAsync(events)).Head);
        await service.AppendAsync(id, new StockAdjusted(-3, "sale", "SO-1"), "ann");

        var (head, data) = await NextAsync(events);
        Assert.Equal((2L, "StockAdjusted"), head);
        Assert.Equal(("−3 (sale SO-1), 7 on hand", "ann", 2), ($"{data["summary"]}", $"{data["actor"]}", data["version"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Who_comes_back_gets_what_came_after_the_last_event_it_has()
    {
        var id = await service.ProductAsync(onHand: 10);
        await service.AppendAsync(id, [new StockAdjusted(1, "receipt", null), new StockAdjusted(2, "receipt", null), new StockAdjusted(3, "receipt", null)]);
        await using var events = Read($"/products/{id}/changes", 2);

        Assert.Equal([(3L, "StockAdjusted"), (4L, "StockAdjusted")], [(await NextAsync(events)).Head, (await NextAsync(events)).Head]);
    }

    [Fact]
    public async Task A_version_that_the_product_never_had_starts_the_reader_where_the_product_is()
    {
        var id = await service.ProductAsync();
        await using var events = Read($"/products/{id}/changes", 1_000);
        Assert.Equal((1L, "open"), (await NextAsync(events)).Head);
    }

    [Fact]
    public async Task The_changes_of_all_products_leave_out_what_was_rolled_back()
    {
        var before = await service.GetUpToDateAsync("/products");
        var start = before["freshness"]!["asOfSequence"]!.GetValue<long>();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.PostAsync("/products", new { sku = "ROLLED-BACK", name = "Once", initialQuantity = 1 })));
        var last = await service.ProductAsync(name: "Last");

        var told = new List<string>();
        await foreach (var (_, type, data) in EventStreamReader.ReadAsync(service.Host.Server.CreateClient(), "/changes", start, Cancellation))
        {
            told.Add(type);
            if ($"{data["productId"]}" == $"{last}")
            {
                break;
            }
        }

        Assert.Equal(["ProductCreated", "ProductCreated"], told);
    }

    [Fact]
    public async Task A_reader_from_the_very_beginning_is_served_although_nobody_else_reads()
    {
        var id = await service.ProductAsync();
        await service.GetAfterAsync("/products", id);
        await using var events = Read("/changes", 0);
        Assert.Equal("ProductCreated", (await NextAsync(events)).Head.Type);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    public async Task An_id_that_is_none_is_refused(string last)
    {
        var id = await service.ProductAsync();
        (await service.GetAsync($"/products/{id}/changes", ("Last-Event-ID", last))).IsProblem(400, "malformed-request");
        (await service.GetAsync("/changes", ("Last-Event-ID", last))).IsProblem(400, "malformed-request");
    }

    [Fact]
    public async Task A_product_that_does_not_exist_is_not_followed() =>
        (await service.GetAsync($"/products/{Guid.CreateVersion7()}/changes")).IsProblem(404, "product-not-found");

    [Fact]
    public async Task Beyond_the_limit_readers_are_sent_away_and_a_place_that_was_left_is_free()
    {
        var readers = service.Host.Services.GetRequiredService<LiveReaders>();
        var taken = 0;
        while (readers.TryEnter())
        {
            taken++;
        }

        Assert.InRange(taken, 1, readers.Options.ReadersMax);
        try
        {
            var refused = await service.GetAsync("/changes");
            refused.IsProblem(503, "overloaded");
            Assert.Equal("10", refused.Headers["Retry-After"]);
            readers.Leave();
            await using (var events = Read("/changes", null))
            {
                Assert.Equal("open", (await NextAsync(events)).Head.Type);
            }

            // A reader that hangs up gives its place back.
            while (!readers.TryEnter())
            {
                await Task.Delay(5, Cancellation);
            }
        }
        finally
        {
            for (; taken > 0; taken--)
            {
                readers.Leave();
            }
        }
    }

    private IAsyncEnumerator<(long Id, string Type, JsonNode Data)> Read(string path, long? last) =>
        EventStreamReader.ReadAsync(service.Host.Server.CreateClient(), path, last, Cancellation).GetAsyncEnumerator(Cancellation);

    private static async Task<((long Id, string Type) Head, JsonNode Data)> NextAsync(
        IAsyncEnumerator<(long Id, string Type, JsonNode Data)> events)
    {
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        return ((events.Current.Id, events.Current.Type), events.Current.Data);
    }
}
