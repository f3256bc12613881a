using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Inventory.BrowserTests.Hosting;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

public sealed class CatalogueTests(Shop shop) : BrowserTest(shop)
{
    [Fact]
    public async Task Who_has_changed_a_product_finds_it_so_in_the_list_at_once()
    {
        var sku = await Shop.ProductAsync("Own write", 100);
        var ann = await Shop.VisitorAsync("ann");
        for (var sold = 1; sold <= 5; sold++)
        {
            await ann.GoToProductAsync(sku);
            await ann.BeginAsync("Adjust stock");
            await ann.FillAsync("How many", "1");
            await ann.PressAsync("Adjust");
            await Expect(ann.Dialog).ToHaveCountAsync(0);

            // The first answer has it, without waiting for a live update.
            var read = await ann.Page.RunAndWaitForResponseAsync(() => ann.GoToCatalogueAsync(sku), answer => answer.Url.Contains("/products?", StringComparison.Ordinal));
            Assert.Matches(@"^[0-9a-f-]{36}@\d+$", await read.Request.HeaderValueAsync("Read-After"));
            Assert.Equal(100 - sold, (await read.JsonAsync())!.Value.GetProperty("items")[0].GetProperty("available").GetInt32());
            await Expect(Row(ann, "Own write").GetByRole(AriaRole.Cell).Nth(1)).ToHaveTextAsync($"{100 - sold}");
        }
    }

    [Fact]
    public async Task What_is_sold_on_another_node_is_seen_without_reloading()
    {
        var sku = await Shop.ProductAsync("Far sale", 100);
        var ann = await Shop.VisitorAsync("ann");
        var bob = await Shop.VisitorAsync("bob");
        await ann.GoToCatalogueAsync(sku);
        await bob.GoToProductAsync(sku);
        await Expect(Row(ann, "Far sale").GetByRole(AriaRole.Cell).Nth(1)).ToHaveTextAsync("100");

        await Shop.SellAsync(sku, 7, node: 1);

        await Expect(Row(ann, "Far sale").GetByRole(AriaRole.Cell).Nth(1)).ToHaveTextAsync("93");
        await Expect(bob.Figure("Available")).ToHaveTextAsync("93");
        await Expect(bob.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "shop: −7 (sale), 93 on hand" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_list_that_is_behind_says_so_until_it_has_caught_up()
    {
        var sku = await Shop.ProductAsync("Behind", 1);
        var ann = await Shop.VisitorAsync("ann");
        var behind = true;
        await ann.Page.RouteAsync("**/products?*", async route =>
        {
            var answer = await route.FetchAsync();
            var page = JsonNode.Parse(await answer.TextAsync())!;
            if (behind)
            {
                page["freshness"] = new JsonObject { ["upToDate"] = false, ["lagEvents"] = 12, ["lagMs"] = 3_400 };
            }

            await route.FulfillAsync(new() { Response = answer, Body = page.ToJsonString() });
        });

        await ann.GoToCatalogueAsync(sku);
        await Expect(ann.Page.GetByText("12 changes are on the way here; the oldest since 3 seconds.")).ToBeVisibleAsync();
        behind = false;
        await Expect(ann.Page.GetByText("on the way here")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task It_is_searched_filtered_sorted_and_turned_page_by_page()
    {
        var ann = await Shop.VisitorAsync("ann");
        for (var n = 1; n <= 30; n++)
        {
            var sku = await Shop.ProductAsync($"Screw M{n:D2}", n);
            if (n == 4)
            {
                await Shop.SendAsync(HttpMethod.Put, $"/products/sku:{sku}/reorder-point", new { reorderPoint = 10 });
            }
        }

        await ann.Page.GotoAsync("/");
        await ann.Page.GetByRole(AriaRole.Searchbox).FillAsync("screw");
        await ann.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Available" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(Row(ann, "Screw M")).ToHaveCountAsync(25);
        Assert.Equal(Enumerable.Range(1, 25), await AvailableAsync(ann));
        await Expect(ann.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Available" })).ToHaveAttributeAsync("aria-sort", "ascending");

        await ann.Button("Next").ClickAsync();
        await Expect(Rows(ann)).ToHaveCountAsync(5);
        Assert.Equal(Enumerable.Range(26, 5), await AvailableAsync(ann));
        await ann.Button("Previous").ClickAsync();
        await Expect(Rows(ann)).ToHaveCountAsync(25);

        await ann.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Available" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(Rows(ann).First).ToContainTextAsync("Screw M30");
        await ann.Page.GetByRole(AriaRole.Radio, new() { Name = "Low stock" }).CheckAsync();
        await Expect(Rows(ann)).ToHaveCountAsync(1);
        await Expect(Rows(ann).First).ToContainTextAsync("Screw M04");
        await Expect(Rows(ann).First).ToContainTextAsync("low");

        await ann.Page.GetByRole(AriaRole.Searchbox).FillAsync("there is no such thing");
        await Expect(ann.Page.GetByText("Nothing here is like that.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_new_product_is_made_by_whoever_says_who_they_are()
    {
        var carol = await Shop.VisitorAsync(name: null);
        await carol.Page.GotoAsync("/");
        await carol.Button("New product").ClickAsync();
        await carol.FillAsync("Name", "carol smith");
        await carol.PressAsync("That is me");
        await Expect(carol.Dialog.GetByText("without spaces.", new() { Exact = false }).Last).ToBeVisibleAsync();
        await carol.FillAsync("Name", "carol");
        await carol.PressAsync("That is me");

        var sku = $"NEW-{Guid.CreateVersion7():N}"[..20];
        await carol.FillAsync("SKU", sku);
        await carol.FillAsync("Name", "Brand new");
        await carol.FillAsync("Units on hand", "12");
        await carol.PressAsync("Create");

        await Expect(carol.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Brand new");
        await Expect(carol.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasTextRegex = new Regex("^carol: created as") })).ToBeVisibleAsync();
        await carol.Page.ReloadAsync();
        await Expect(carol.Page.Locator("#who")).ToContainTextAsync("carol");
    }

    private static ILocator Rows(Visitor visitor) => visitor.Page.Locator("tbody").GetByRole(AriaRole.Row);

    private static ILocator Row(Visitor visitor, string name) => Rows(visitor).Filter(new() { HasText = name });

    private static async Task<IEnumerable<int>> AvailableAsync(Visitor visitor) =>
        (await visitor.Page.Locator("tbody td.available").AllTextContentsAsync()).Select(text => int.Parse(text, CultureInfo.InvariantCulture));
}
