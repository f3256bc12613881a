using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Catalog;

public sealed class DiscontinueProductScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_product_is_taken_out_of_trade_and_brought_back()
    {
        var id = await service.ProductAsync();

        var ended = await service.PostAsync($"/products/{id}/discontinue", new { reason = "end of line" }, ("If-Match", "\"1\""));
        var resumed = await service.PostAsync($"/products/{id}/reinstate", new { }, ("If-Match", "\"2\""));

        Assert.Equal((200, "\"2\"", true), (ended.Status, ended.ETag, ended["product"]!["discontinued"]!.GetValue<bool>()));
        Assert.Equal((200, "\"3\"", false), (resumed.Status, resumed.ETag, resumed["product"]!["discontinued"]!.GetValue<bool>()));
        Assert.False((await service.FoldAsync(id)).Folded.Discontinued);
    }

    [Theory]
    [InlineData("discontinue")]
    [InlineData("reinstate")]
    public async Task Whoever_ends_or_resumes_trade_has_to_have_looked(string verb)
    {
        var id = await service.ProductAsync();

        (await service.PostAsync($"/products/{id}/{verb}", new { })).IsProblem(428, "precondition-required");
    }

    [Fact]
    public async Task Anything_that_happened_meanwhile_stands_against_ending_trade_but_for_the_reorder_point()
    {
        var id = await service.ProductAsync();
        await service.PutAsync($"/products/{id}/reorder-point", new { reorderPoint = 5 });

        var merged = await service.PostAsync($"/products/{id}/discontinue", new { }, ("Seen-Version", "1"));
        await service.AppendAsync(id, new ProductReinstated());
        var told = await service.PostAsync($"/products/{id}/discontinue", new { }, ("Seen-Version", "3"));

        Assert.Equal((200, "merged"), (merged.Status, merged["outcome"]!.GetValue<string>()));
        told.IsProblem(409, "version-conflict");
        Assert.Equal("dealt in again", told["changes"]![0]!["summary"]!.GetValue<string>());
    }

    [Fact]
    public async Task Neither_is_done_twice()
    {
        var id = await service.ProductAsync();

        (await service.PostAsync($"/products/{id}/reinstate", new { }, ("If-Match", "*"))).IsProblem(422, "product-not-discontinued");
        await service.PostAsync($"/products/{id}/discontinue", new { }, ("If-Match", "*"));
        (await service.PostAsync($"/products/{id}/discontinue", new { }, ("If-Match", "*"))).IsProblem(422, "product-discontinued");
    }

    [Fact]
    public async Task A_discontinued_product_is_neither_sold_nor_reserved_counted_or_renamed_but_what_is_reserved_leaves()
    {
        var id = await service.ProductAsync();
        var reservation = (await service.PostAsync($"/products/{id}/reservations", new { quantity = 2, expiresInSeconds = 600 }))["reservation"]!["id"]!.GetValue<string>();
        await service.PostAsync($"/products/{id}/discontinue", new { }, ("If-Match", "*"));

        HttpAnswer[] refused =
        [
            await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" }),
            await service.PostAsync($"/products/{id}/reservations", new { quantity = 1, expiresInSeconds = 600 }),
            await service.PutAsync($"/products/{id}/quantity", new { counted = 1 }, ("If-Match", "*")),
            await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "*")),
        ];
        var left = await service.PostAsync($"/products/{id}/reservations/{reservation}/commit", new { });

        Assert.All(refused, answer => answer.IsProblem(422, "product-discontinued"));
        Assert.Equal((200, 98), (left.Status, left["product"]!["onHand"]!.GetValue<int>()));
    }
}
