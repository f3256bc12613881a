using Inventory.BrowserTests.Hosting;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

/// <summary>Numbers as people write them, and times as they pass.</summary>
public sealed class WrittenTests(Shop shop) : BrowserTest(shop)
{
    [Theory]
    [InlineData("Adjust stock", "How many", "Adjust")]
    [InlineData("Count", "Units counted", "Set to what I counted")]
    [InlineData("Reserve", "Units", "Reserve")]
    [InlineData("Reorder point", "Stock is low at", "Set")]
    [InlineData("Hand out 7 for CART-1", "Units", "Hand out")]
    [InlineData("New product", "Units on hand", "Create")]
    public async Task A_number_that_can_be_read_in_two_ways_is_a_question(string form, string label, string button)
    {
        var sku = await Shop.ProductAsync("Widget", 10_000);
        await Shop.SendAsync(HttpMethod.Post, $"/products/sku:{sku}/reservations", new { quantity = 7, expiresInSeconds = 86_400, reference = "CART-1" });
        var ann = await Shop.VisitorAsync("ann");
        var sent = 0;
        ann.Page.Request += (_, request) => sent += request.Method is "POST" or "PUT" ? 1 : 0;
        await (form == "New product" ? ann.GoToCatalogueAsync(sku) : ann.GoToProductAsync(sku));
        await ann.BeginAsync(form);
        var field = ann.Dialog.GetByRole(AriaRole.Textbox, new() { Name = label });
        foreach (var written in new[] { "1.5", "2,5", "1,000", "1.000", "1 000", "-5", "−5", "1e3", "0x10", "5 boxes", "99999999999999999999" })
        {
            await field.FillAsync(written);
            await ann.PressAsync(button);
            await Expect(field).ToHaveAttributeAsync("aria-invalid", "true");
            await Expect(ann.Dialog.Locator($"#{(await field.GetAttributeAsync("aria-describedby"))!.Split(' ')[1]}")).Not.ToBeEmptyAsync();
            await field.FillAsync("");
            await Expect(ann.Dialog).ToBeVisibleAsync();
        }

        Assert.Equal(0, sent);
    }

    [Fact]
    public async Task A_number_in_the_lab_is_not_guessed_either()
    {
        var visitor = await Shop.VisitorAsync(name: null);
        await Shop.ProductAsync("Lab", 1);
        await visitor.Page.GotoAsync("/lab");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "A sale meets a rename" }).ClickAsync();
        var bob = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Bob", Exact = true });
        var field = bob.GetByRole(AriaRole.Textbox);
        await Expect(visitor.Button("Send both")).ToBeEnabledAsync();
        foreach (var written in new[] { "", "1.5", "2,5", "1e1", "-5" })
        {
            await field.FillAsync(written);
            await visitor.Button("Send both").ClickAsync();
            await Expect(field).ToHaveAttributeAsync("aria-invalid", "true");
        }

        await visitor.IsFreeAsync("lab with a question");
        await field.FillAsync("5");
        await visitor.Button("Send both").ClickAsync();
        await Expect(bob.Locator(".verdict")).ToHaveTextAsync("200, merged as version 3");
    }

    [Fact]
    public async Task What_is_brought_in_is_no_sale_unless_somebody_says_so()
    {
        var sku = await Shop.ProductAsync("Widget", 10);
        var ann = await Shop.VisitorAsync("ann");
        await ann.GoToProductAsync(sku);
        await ann.BeginAsync("Adjust stock");
        var why = ann.Dialog.GetByLabel("Why");
        await Expect(why).ToHaveValueAsync("sale");
        await ann.Dialog.GetByRole(AriaRole.Radio, new() { Name = "Bring in" }).CheckAsync();
        await Expect(why).ToHaveValueAsync("delivery");
        await ann.Dialog.GetByRole(AriaRole.Radio, new() { Name = "Take out" }).CheckAsync();
        await Expect(why).ToHaveValueAsync("sale");
        await why.FillAsync("found");
        await ann.Dialog.GetByRole(AriaRole.Radio, new() { Name = "Bring in" }).CheckAsync();
        await Expect(why).ToHaveValueAsync("found");
    }

    [Fact]
    public async Task Times_go_on_while_one_looks()
    {
        var sku = await Shop.ProductAsync("Widget", 10);
        await Shop.SendAsync(HttpMethod.Post, $"/products/sku:{sku}/reservations", new { quantity = 3, expiresInSeconds = 3_600, reference = "CART-1" });
        var ann = await Shop.VisitorAsync("ann");
        await ann.Page.Clock.InstallAsync();
        await ann.GoToProductAsync(sku);
        await ann.Page.Clock.FastForwardAsync(20 * 60_000);

        await Expect(ann.Page.GetByText("ends in 40 minutes")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".changes time").First).ToHaveTextAsync("20 minutes ago");
    }
}
