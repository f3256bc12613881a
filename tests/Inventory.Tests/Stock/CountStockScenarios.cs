using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Stock;

public sealed class CountStockScenarios(Service service) : IClassFixture<Service>
{
    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(0)]
    public async Task What_was_counted_is_there_from_then_on_also_when_it_is_what_was_expected(int counted)
    {
        var id = await service.ProductAsync(onHand: 7);

        var answer = await CountAsync(id, new { counted, reason = "yearly" }, ("If-Match", "\"1\""));

        Assert.Equal((200, "\"2\"", counted), (answer.Status, answer.ETag, answer["product"]!["onHand"]!.GetValue<int>()));
        Assert.Equal([1L, 2L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task Whoever_counts_has_to_say_what_they_saw()
    {
        var id = await service.ProductAsync();

        (await CountAsync(id, new { counted = 1 })).IsProblem(428, "precondition-required");
    }

    [Fact]
    public async Task Stock_that_moved_while_somebody_counted_is_told_with_what_either_reading_comes_to()
    {
        var id = await SoldWhileCountingAsync();

        var answer = await CountAsync(id, new { counted = 5 }, ("Seen-Version", "1"));

        answer.IsProblem(409, "version-conflict");
        Assert.Equal("""{"keepCounted":{"onHand":5},"keepDifference":{"onHand":2}}""", answer["options"]!.ToJsonString());
        Assert.Equal(4, (await service.FoldAsync(id)).Folded.OnHand);
    }

    [Theory]
    [InlineData("keepCounted", 5)]
    [InlineData("keepDifference", 2)]
    public async Task Whoever_counted_settles_it(string onConflict, int onHand)
    {
        var id = await SoldWhileCountingAsync();

        var answer = await CountAsync(id, new { counted = 5, onConflict }, ("Seen-Version", "1"));

        Assert.Equal((200, "\"3\"", onHand), (answer.Status, answer.ETag, answer["product"]!["onHand"]!.GetValue<int>()));
        Assert.Equal("merged", answer["outcome"]!.GetValue<string>());
        Assert.Equal($"counted {onHand}, 4 were expected", (await ConflictOfARenameAsync(id))["changes"]![1]!["summary"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_exact_version_is_exact_however_the_conflict_would_be_settled()
    {
        var id = await SoldWhileCountingAsync();

        (await CountAsync(id, new { counted = 5, onConflict = "keepCounted" }, ("If-Match", "\"1\""))).IsProblem(412, "version-conflict");
    }

    [Fact]
    public async Task A_difference_that_would_leave_less_than_nothing_is_refused()
    {
        var id = await service.ProductAsync(onHand: 7);
        await service.AppendAsync(id, new StockAdjusted(-6, "sale", null));

        (await CountAsync(id, new { counted = 5, onConflict = "keepDifference" }, ("Seen-Version", "1"))).IsProblem(422, "count-below-reserved");
    }

    [Fact]
    public async Task What_is_promised_cannot_be_counted_away()
    {
        var id = await service.ProductAsync(onHand: 7);
        await service.PostAsync($"/products/{id}/reservations", new { quantity = 3, expiresInSeconds = 600 });

        var answer = await CountAsync(id, new { counted = 2 }, ("Seen-Version", "1"));

        answer.IsProblem(422, "count-below-reserved");
        Assert.Equal((2, 3), (answer["counted"]!.GetValue<int>(), answer["reserved"]!.GetValue<int>()));
        Assert.Equal(200, (await CountAsync(id, new { counted = 3 }, ("Seen-Version", "1"))).Status);
    }

    [Fact]
    public async Task A_rename_meanwhile_is_no_reason_to_count_again()
    {
        var id = await service.ProductAsync(onHand: 7);
        await service.AppendAsync(id, new ProductRenamed("Widget", "Widgit"));

        Assert.Equal("merged", (await CountAsync(id, new { counted = 5 }, ("Seen-Version", "1")))["outcome"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"counted":-1}""")]
    [InlineData("""{"counted":1000000001}""")]
    [InlineData("""{"counted":1,"onConflict":"merge"}""")]
    [InlineData("""{"counted":1,"onConflict":1}""")]
    [InlineData("""{"reason":"yearly"}""")]
    public async Task A_count_that_makes_no_sense_is_told(string body)
    {
        var id = await service.ProductAsync();

        Assert.Equal(400, (await CountAsync(id, body, ("If-Match", "*"))).Status);
    }

    [Fact]
    public async Task The_reorder_point_is_set_and_taken_back_and_only_another_one_stands_against_it()
    {
        var id = await service.ProductAsync();

        var set = await service.PutAsync($"/products/{id}/reorder-point", new { reorderPoint = 20 });
        var clash = await service.PutAsync($"/products/{id}/reorder-point", new { reorderPoint = 30 }, ("Seen-Version", "1"));
        var none = await service.PutAsync($"/products/{id}/reorder-point", """{"reorderPoint":null}""", ("Seen-Version", "2"));

        Assert.Equal((200, 20), (set.Status, set["product"]!["reorderPoint"]!.GetValue<int>()));
        clash.IsProblem(409, "version-conflict");
        Assert.Equal(200, none.Status);
        Assert.Null(none["product"]!["reorderPoint"]);
        Assert.True(none["product"]!.AsObject().ContainsKey("reorderPoint"));
        Assert.Equal(400, (await service.PutAsync($"/products/{id}/reorder-point", new { })).Status);
    }

    /// <summary>7 were seen, and 3 of them have left since.</summary>
    private async Task<Guid> SoldWhileCountingAsync()
    {
        var id = await service.ProductAsync(onHand: 7);
        await service.AppendAsync(id, new StockAdjusted(-3, "sale", null));
        return id;
    }

    private Task<HttpAnswer> ConflictOfARenameAsync(Guid id) => service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "\"1\""));

    private Task<HttpAnswer> CountAsync(Guid id, object body, params (string, string)[] headers) => service.PutAsync($"/products/{id}/quantity", body, headers);
}
