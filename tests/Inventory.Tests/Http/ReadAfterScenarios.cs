using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Http;

public sealed class ReadAfterScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_write_is_in_the_list_that_is_read_after_it()
    {
        var id = await service.ProductAsync(onHand: 100, "Own write");
        for (var n = 1; n <= 50; n++)
        {
            var written = await service.PostAsync($"/products/{id}/adjustments", new { delta = -1, reason = "sale" });
            var list = await service.GetAsync(
                "/products?search=own+write", ("Read-After", $"{id}@{written["version"]}"), ("Prefer", "handling=strict, wait=30"));
            Assert.Equal((200, 100 - n), (list.Status, list["items"]![0]!["onHand"]!.GetValue<int>()));
        }
    }

    [Fact]
    public async Task What_does_not_come_in_time_is_not_claimed()
    {
        var id = await service.ProductAsync();
        var never = ("Read-After", $"{id}@1000");

        var answer = await service.GetAsync("/products", never, ("Prefer", "wait=0"));
        Assert.Equal((200, false), (answer.Status, answer["freshness"]!["upToDate"]!.GetValue<bool>()));
        answer = await service.GetAsync("/stock/low", never, ("Prefer", "wait=1"));
        Assert.Equal((200, false), (answer.Status, answer["freshness"]!["upToDate"]!.GetValue<bool>()));
        answer = await service.GetAsync("/products", never, ("Prefer", "wait=1; handling=ignored, handling=strict"));
        answer.IsProblem(503, "not-yet-visible");
        Assert.Equal("1", answer.Headers["Retry-After"]);
    }

    [Fact]
    public async Task Who_waits_is_woken_by_the_change_and_gives_the_place_back()
    {
        var id = await service.ProductAsync(onHand: 1, "Woken");
        var versions = service.Host.Services.GetRequiredService<ListedVersions>();
        var waiting = service.GetAsync("/products?search=woken", ("Read-After", $"{id}@2"), ("Prefer", "wait=30, handling=strict"));
        while (versions.Waiting == 0)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await service.AppendAsync(id, new StockAdjusted(1, "receipt", null));

        Assert.Equal(2, (await waiting)["items"]![0]!["onHand"]!.GetValue<int>());
        Assert.Equal(0, versions.Waiting);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("019c2a5e-7f00-7000-8000-000000000001")]
    [InlineData("019c2a5e-7f00-7000-8000-000000000001@0")]
    [InlineData("019c2a5e-7f00-7000-8000-000000000001@-1")]
    [InlineData("W-1@7")]
    public async Task A_malformed_header_is_refused(string header) => (await service.GetAsync("/products", (ReadAfter.Header, header))).IsProblem(400, "malformed-request");

    [Theory]
    [InlineData("", 2, false)]
    [InlineData("wait=5", 5, false)]
    [InlineData("wait=500", 30, false)]
    [InlineData("WAIT=x", 2, false)]
    [InlineData("handling=strict; x=y, wait=\"3\"", 3, true)]
    [InlineData("handling=lenient, handling=strict", 2, false)]
    [InlineData("respond-async", 2, false)]
    public void Preferences_are_read_as_the_RFC_says(string prefer, int seconds, bool strict)
    {
        var headers = new HeaderDictionary { [ReadAfter.PreferHeader] = prefer };

        var (after, problem) = ReadAfter.Of(headers);

        Assert.Null(problem);
        Assert.Equal((TimeSpan.FromSeconds(seconds), strict), (after.Wait, after.Strict));
    }
}
