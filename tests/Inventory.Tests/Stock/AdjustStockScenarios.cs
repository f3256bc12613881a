using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Stock;

public sealed class AdjustStockScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_delta_without_a_seen_version_is_accepted_on_whatever_is_there()
    {
        var id = await service.ProductAsync(onHand: 100);
        await service.AppendAsync(id, new StockAdjusted(-3, "sale", null));

        var answer = await service.PostAsync(
            $"/products/{id}/adjustments", new { delta = -5, reason = "sale", reference = "SO-17" }, ("Actor", "user-17"));

        Assert.Equal((200, "\"3\"", "accepted"), (answer.Status, answer.ETag, answer["outcome"]!.GetValue<string>()));
        Assert.Equal(92, answer["product"]!["onHand"]!.GetValue<int>());
        Assert.Empty(answer["mergedWith"]!.AsArray());
        Assert.Equal(92, (await service.FoldAsync(id)).Folded.OnHand);
    }

    [Fact]
    public async Task A_delta_decided_on_an_older_version_is_merged_and_told_with_what()
    {
        var id = await service.ProductAsync(onHand: 100);
        await service.AppendAsync(id, new StockAdjusted(-3, "sale", "SO-16"), actor: "user-16");
        await service.AppendAsync(id, new ProductRenamed("Widget", "Widgit"), actor: "user-42");

        var answer = await service.PostAsync(
            $"/products/{id}/adjustments", new { delta = -5, reason = "sale" }, ("Seen-Version", "1"));

        Assert.Equal((200, "\"4\"", "merged"), (answer.Status, answer.ETag, answer["outcome"]!.GetValue<string>()));
        Assert.Equal(
            ["2 StockAdjusted −3 (sale SO-16), 97 on hand user-16 False", "3 ProductRenamed “Widgit” → “Widget” user-42 False"],
            answer["mergedWith"]!.AsArray().Select(c => $"{c!["version"]} {c["event"]} {c["summary"]} {c["actor"]} {c["clashes"]!.GetValue<bool>()}"));
    }

    [Fact]
    public async Task Taking_more_than_available_is_refused_with_the_numbers_and_the_version()
    {
        var id = await service.ProductAsync(onHand: 4);

        var answer = await service.PostAsync($"/products/{id}/adjustments", new { delta = -5, reason = "sale" });

        answer.IsProblem(422, "insufficient-stock");
        Assert.Equal("\"1\"", answer.ETag);
        Assert.Equal((1, 4, 5), (answer["version"]!.GetValue<int>(), answer["available"]!.GetValue<int>(), answer["requested"]!.GetValue<int>()));
        Assert.Equal([1L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task A_discontinued_product_refuses_a_delta_by_somebody_who_knew()
    {
        var id = await service.ProductAsync();
        await service.AppendAsync(id, new ProductDiscontinued(null));

        var answer = await service.PostAsync(
            $"/products/{id}/adjustments", new { delta = -5, reason = "sale" }, ("Seen-Version", "2"));

        answer.IsProblem(422, "product-discontinued");
    }

    [Fact]
    public async Task A_discontinuation_that_the_caller_has_not_seen_clashes()
    {
        var id = await service.ProductAsync();
        await service.AppendAsync(id, new ProductDiscontinued("end of line"), actor: "user-42");

        var answer = await service.PostAsync(
            $"/products/{id}/adjustments", new { delta = -5, reason = "sale" }, ("Seen-Version", "1"));

        answer.IsProblem(409, "version-conflict");
        Assert.Equal("1 change since version 1, 1 of them clashes with AdjustStock.", answer["detail"]!.GetValue<string>());
        Assert.Equal("discontinued (end of line)", answer["changes"]![0]!["summary"]!.GetValue<string>());
        Assert.True(answer["changes"]![0]!["clashes"]!.GetValue<bool>());
        Assert.Equal([1L, 2L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task Overfilling_a_product_is_refused()
    {
        var id = await service.ProductAsync(onHand: ProductLimits.QuantityUnitsMax);

        var answer = await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" });

        answer.IsProblem(422, "stock-limit-exceeded");
    }

    [Fact]
    public async Task An_unknown_product_is_not_adjusted() =>
        (await service.PostAsync($"/products/{Guid.CreateVersion7()}/adjustments", new { delta = 1, reason = "receipt" }))
            .IsProblem(404, "product-not-found");

    [Fact]
    public async Task More_unseen_changes_than_an_answer_lists_are_counted()
    {
        var id = await service.ProductAsync(onHand: 0);
        await service.AppendAsync(id, new ProductDiscontinued(null));
        await service.AppendAsync(id, [.. Enumerable.Repeat(new StockAdjusted(1, "receipt", null), 150)]);

        var answer = await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" }, ("Seen-Version", "1"));

        answer.IsProblem(409, "version-conflict");
        Assert.Equal("151 changes since version 1, at least 1 of them clashes with AdjustStock.", answer["detail"]!.GetValue<string>());
        Assert.Equal((100, 51), (answer["changes"]!.AsArray().Count, answer["changesOmitted"]!.GetValue<int>()));
        Assert.Equal("+1 (receipt), 150 on hand", answer["changes"]![99]!["summary"]!.GetValue<string>());
        Assert.Equal("+1 (receipt), 52 on hand", answer["changes"]![1]!["summary"]!.GetValue<string>());
        // The oldest that is listed gives way to the one that clashes.
        Assert.Equal((2, true), (answer["changes"]![0]!["version"]!.GetValue<int>(), answer["changes"]![0]!["clashes"]!.GetValue<bool>()));
    }
}
