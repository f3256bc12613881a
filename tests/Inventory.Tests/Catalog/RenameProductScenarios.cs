using System.Text.Json.Nodes;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Catalog;

public sealed class RenameProductScenarios(Service service) : IClassFixture<Service>
{
    [Theory]
    [InlineData("\"1\"")]
    [InlineData("\"7\", \"1\"")]
    [InlineData("*")]
    public async Task A_rename_at_the_version_that_was_seen_is_accepted(string ifMatch)
    {
        var id = await service.ProductAsync();

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", ifMatch));

        Assert.Equal((200, "\"2\"", "accepted"), (answer.Status, answer.ETag, answer["outcome"]!.GetValue<string>()));
        Assert.Equal("Widget", answer["product"]!["name"]!.GetValue<string>());
        Assert.Equal("Widget", (await service.FoldAsync(id)).Folded.Name);
    }

    [Fact]
    public async Task A_rename_without_a_version_is_asked_for_one()
    {
        var id = await service.ProductAsync();

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" });

        answer.IsProblem(428, "precondition-required");
        Assert.Equal([1L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task A_rename_that_saw_a_version_before_a_delta_is_merged()
    {
        var id = await service.ProductAsync(onHand: 100);
        await service.AppendAsync(id, new StockAdjusted(-5, "sale", "SO-17"));

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "1"));

        Assert.Equal((200, "\"3\"", "merged"), (answer.Status, answer.ETag, answer["outcome"]!.GetValue<string>()));
        Assert.Equal("−5 (sale SO-17), 95 on hand", answer["mergedWith"]![0]!["summary"]!.GetValue<string>());
    }

    [Fact]
    public async Task Of_two_renames_that_saw_the_same_version_one_is_told_of_the_other()
    {
        var id = await service.ProductAsync(onHand: 92, name: "Widgit");
        await service.AppendAsync(id, new StockAdjusted(-5, "sale", "SO-17"), actor: "user-17");
        await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "1"), ("Actor", "user-42"));

        var answer = await service.PutAsync(
            $"/products/{id}/name", new { name = "Gadget" }, ("Seen-Version", "1"), ("Actor", "user-43"));

        answer.IsProblem(409, "version-conflict");
        Assert.Equal("\"3\"", answer.ETag);
        var json = answer.Json.AsObject();
        json.Remove("traceId");
        foreach (var change in json["changes"]!.AsArray())
        {
            Assert.True(DateTimeOffset.TryParse(change!["at"]!.GetValue<string>(), out _));
            change["at"] = "…";
        }

        var sku = json["current"]!["sku"]!.GetValue<string>();
        var expected = $$$"""
            {"type":"/problems/version-conflict","title":"The product has changed since you looked at it","status":409,
             "detail":"2 changes since version 1, 1 of them clashes with RenameProduct.",
             "productId":"{{{id}}}","seenVersion":1,"currentVersion":3,
             "current":{"id":"{{{id}}}","sku":"{{{sku}}}","name":"Widget","onHand":87,"reserved":0,"available":87,"reorderPoint":null,"discontinued":false,"version":3},
             "changes":[
               {"version":2,"event":"StockAdjusted","summary":"−5 (sale SO-17), 87 on hand","actor":"user-17","at":"…","clashes":false},
               {"version":3,"event":"ProductRenamed","summary":"“Widgit” → “Widget”","actor":"user-42","at":"…","clashes":true}],
             "yourChange":[{"event":"ProductRenamed","summary":"“Widget” → “Gadget”"}],
             "resubmit":{"ifMatch":"\"3\""}}
            """;
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), json.ToJsonString());
    }

    [Fact]
    public async Task What_a_conflict_says_to_resubmit_works()
    {
        var id = await service.ProductAsync();
        await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "\"1\""));
        var conflict = await service.PutAsync($"/products/{id}/name", new { name = "Gadget" }, ("If-Match", "\"1\""));
        conflict.IsProblem(412, "version-conflict");

        var answer = await service.PutAsync(
            $"/products/{id}/name", new { name = "Gadget" }, ("If-Match", conflict["resubmit"]!["ifMatch"]!.GetValue<string>()));

        Assert.Equal((200, "\"3\""), (answer.Status, answer.ETag));
        Assert.Equal("Gadget", (await service.FoldAsync(id)).Folded.Name);
    }

    [Fact]
    public async Task If_match_is_strict_even_about_what_does_not_clash()
    {
        var id = await service.ProductAsync();
        await service.AppendAsync(id, new StockAdjusted(-5, "sale", null));

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "\"1\""));

        answer.IsProblem(412, "version-conflict");
        Assert.False(answer["changes"]![0]!["clashes"]!.GetValue<bool>());
        Assert.Contains("Seen-Version: 1", answer["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("W/\"1\"")]
    [InlineData("\"99\"")]
    [InlineData("\"01\"")]
    [InlineData("\"another-service\"")]
    [InlineData("\"\"")]
    public async Task An_entity_tag_that_can_not_match_is_a_failed_precondition(string ifMatch)
    {
        var id = await service.ProductAsync();

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", ifMatch));

        answer.IsProblem(412, "version-conflict");
        Assert.Equal((null, 1), (answer["seenVersion"], answer["currentVersion"]!.GetValue<int>()));
        Assert.Equal([1L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task With_both_headers_if_match_rules()
    {
        var id = await service.ProductAsync();
        await service.AppendAsync(id, new StockAdjusted(-5, "sale", null));

        var answer = await service.PutAsync(
            $"/products/{id}/name", new { name = "Widget" }, ("If-Match", "\"1\""), ("Seen-Version", "1"));

        answer.IsProblem(412, "version-conflict");
    }

    [Fact]
    public async Task Ones_own_earlier_change_never_clashes()
    {
        var id = await service.ProductAsync();
        var first = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "1"));

        var second = await service.PutAsync(
            $"/products/{id}/name", new { name = "Gadget" }, ("Seen-Version", first["version"]!.ToString()));

        Assert.Equal((200, "accepted"), (second.Status, second["outcome"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_version_that_the_product_has_not_reached_cannot_have_been_seen()
    {
        var id = await service.ProductAsync();

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "2"));

        answer.IsProblem(400, "malformed-request");
        Assert.Equal(1, answer["currentVersion"]!.GetValue<int>());
    }

    [Fact]
    public async Task Names_are_stored_in_normal_form_c()
    {
        var id = await service.ProductAsync();

        var answer = await service.PutAsync($"/products/{id}/name", new { name = " Cafe\u0301 " }, ("If-Match", "*"));

        Assert.Equal("Caf\u00e9", answer["product"]!["name"]!.GetValue<string>());
    }
}
