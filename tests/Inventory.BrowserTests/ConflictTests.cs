using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Inventory.BrowserTests.Hosting;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

/// <summary>Two people, two browsers, one product.</summary>
public sealed class ConflictTests(Shop shop) : BrowserTest(shop)
{
    private const string Anns = "Widget";
    private const string Bobs = "Gadget";

    [Theory]
    [InlineData("Apply mine on top", "Gadget")]
    [InlineData("Edit mine", "Widget and gadget")]
    [InlineData("Drop mine", "Widget")]
    public async Task Whoever_renames_second_is_warned_while_editing_told_who_did_what_and_has_three_ways_to_go_on(string choice, string name)
    {
        var sku = await Shop.ProductAsync("Widgit", 100);
        var (ann, bob) = (await Shop.VisitorAsync("ann"), await Shop.VisitorAsync("bob"));
        await ann.GoToProductAsync(sku);
        await bob.GoToProductAsync(sku);
        await bob.BeginAsync("Rename");
        await bob.FillAsync("Name", Bobs);

        await ann.RenameAsync(Anns);

        var notice = bob.Dialog.GetByRole(AriaRole.Status).GetByText("That clashes with what you are doing");
        await Expect(notice).ToContainTextAsync($"ann: “Widgit” → “{Anns}”");
        await bob.PressAsync("Rename");
        await Expect(bob.Dialog.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToHaveTextAsync("Meanwhile ann changed this product");
        await Expect(bob.Dialog.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToBeFocusedAsync();
        await Expect(bob.Dialog.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "clashes with yours" })).ToContainTextAsync($"ann: “Widgit” → “{Anns}”");
        await Expect(bob.Dialog.GetByRole(AriaRole.Row).Filter(new() { HasText = "Name" })).ToHaveTextAsync($"NameWidgit{Anns}");
        await Expect(bob.Dialog.Locator(".yours")).ToContainTextAsync($"“{Anns}” → “{Bobs}”");

        await bob.PressAsync(choice);
        if (choice == "Edit mine")
        {
            await Expect(bob.Dialog.GetByRole(AriaRole.Textbox, new() { Name = "Name" })).ToHaveValueAsync(Bobs);
            await bob.FillAsync("Name", name);
            await bob.PressAsync("Rename");
        }

        await Expect(bob.Dialog).ToHaveCountAsync(0);
        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(name);
        await Expect(bob.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(name);
        Assert.Equal(choice == "Drop mine" ? ["ann"] : ["ann", "bob"], await RenamersAsync(sku));
    }

    [Fact]
    public async Task Whoever_applies_on_top_of_what_has_changed_once_more_is_asked_once_more()
    {
        var sku = await Shop.ProductAsync("Widgit", 100);
        var bob = await Shop.VisitorAsync("bob");
        await bob.GoToProductAsync(sku);
        await bob.BeginAsync("Rename");
        await bob.FillAsync("Name", Bobs);
        await RenameAsync(sku, Anns, 1, "ann");
        await bob.PressAsync("Rename");
        var changes = bob.Dialog.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "clashes with yours" });
        await Expect(changes).ToContainTextAsync("ann: “Widgit”");
        await RenameAsync(sku, "Wodget", 2, "carol");

        await bob.PressAsync("Apply mine on top");

        await Expect(changes).ToContainTextAsync($"carol: “{Anns}” → “Wodget”");
        await bob.PressAsync("Apply mine on top");
        await Expect(bob.Dialog).ToHaveCountAsync(0);
        Assert.Equal(["ann", "carol", "bob"], await RenamersAsync(sku));
    }

    [Fact]
    public async Task What_does_not_clash_is_merged_and_said_so()
    {
        var sku = await Shop.ProductAsync("Widgit", 100);
        var bob = await Shop.VisitorAsync("bob");
        await bob.GoToProductAsync(sku);
        await bob.BeginAsync("Rename");
        await bob.FillAsync("Name", Bobs);
        await Shop.SellAsync(sku, 5);
        await Expect(bob.Dialog.GetByRole(AriaRole.Status).GetByText("It does not touch what you are doing")).ToContainTextAsync("shop: −5 (sale), 95 on hand");

        await bob.PressAsync("Rename");

        await Expect(bob.Page.Locator("#announcements")).ToContainTextAsync("Done, together with 1 change you had not seen.");
        await Expect(bob.Figure("On hand")).ToHaveTextAsync("95");
        await Expect(bob.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Bobs);
    }

    /// <summary>Counted 5 where the books said 7, and 3 have left since.</summary>
    [Theory]
    [InlineData("Before: 5 on hand", 5)]
    [InlineData("After: 2 on hand", 2)]
    public async Task Whoever_counted_says_whether_the_sale_was_before_or_after(string choice, int onHand)
    {
        var sku = await Shop.ProductAsync("Widget", 7);
        var bob = await Shop.VisitorAsync("bob");
        await bob.GoToProductAsync(sku);
        await bob.BeginAsync("Count");
        await bob.FillAsync("Units counted", "5");
        await Shop.SellAsync(sku, 3);
        await bob.PressAsync("Set to what I counted");

        await Expect(bob.Dialog.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("on hand") })).ToHaveCountAsync(2);
        await Expect(bob.Dialog.GetByRole(AriaRole.Button, new() { Name = "Apply mine on top" })).ToHaveCountAsync(0);
        await bob.PressAsync(choice);

        await Expect(bob.Dialog).ToHaveCountAsync(0);
        await Expect(bob.Figure("On hand")).ToHaveTextAsync($"{onHand}");
        var newest = (await Shop.ReadAsync($"/products/sku:{sku}/history?limit=1"))["items"]![0]!;
        Assert.Equal(("StockCounted", "bob", onHand), (newest["event"]!.GetValue<string>(), newest["actor"]!.GetValue<string>(), newest["onHand"]!.GetValue<int>()));
    }

    [Fact]
    public async Task What_a_rule_refuses_is_said_in_the_form_and_the_form_stays()
    {
        var sku = await Shop.ProductAsync("Widget", 3);
        var bob = await Shop.VisitorAsync("bob");
        await bob.GoToProductAsync(sku);
        await bob.BeginAsync("Adjust stock");

        await bob.FillAsync("How many", "many");
        await bob.PressAsync("Adjust");
        await Expect(bob.Dialog.GetByRole(AriaRole.Textbox, new() { Name = "How many" })).ToHaveAttributeAsync("aria-invalid", "true");
        await bob.FillAsync("How many", "5");
        await bob.PressAsync("Adjust");

        await Expect(bob.Dialog.GetByText("5 units were requested")).ToBeVisibleAsync();
        await bob.FillAsync("How many", "2");
        await bob.PressAsync("Adjust");
        await Expect(bob.Figure("Available")).ToHaveTextAsync("1");
    }

    private Task<JsonObject> RenameAsync(string sku, string name, int at, string actor) =>
        Shop.SendAsync(HttpMethod.Put, $"/products/sku:{sku}/name", new { name }, actor, seenVersion: at);

    /// <summary>Who renamed it, the oldest first.</summary>
    private async Task<IEnumerable<string>> RenamersAsync(string sku) =>
        (await Shop.ReadAsync($"/products/sku:{sku}/history"))["items"]!.AsArray()
            .Where(item => item!["event"]!.GetValue<string>() == "ProductRenamed").Select(item => item!["actor"]!.GetValue<string>()).Reverse();
}
