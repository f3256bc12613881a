using Inventory.BrowserTests.Hosting;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

public sealed class ProductTests(Shop shop) : BrowserTest(shop)
{
    [Fact]
    public async Task Units_are_reserved_handed_out_and_given_back()
    {
        var sku = await Shop.ProductAsync("Widget", 10);
        var ann = await Shop.VisitorAsync("ann");
        await ann.GoToProductAsync(sku);
        await ReserveAsync(ann, "4", "CART-1");
        await ReserveAsync(ann, "3", "CART-2");
        await Expect(ann.Figure("Available")).ToHaveTextAsync("3");

        await ann.Button("Hand out 4 for CART-1").ClickAsync();
        await ann.FillAsync("Units", "1");
        await ann.PressAsync("Hand out");
        await Expect(ann.Figure("On hand")).ToHaveTextAsync("9");
        await ann.Button("Release 3 for CART-2").ClickAsync();
        await ann.PressAsync("Release");

        await Expect(ann.Page.GetByText("None are open.")).ToBeVisibleAsync();
        await Expect(ann.Figure("Available")).ToHaveTextAsync("9");
        await Expect(ann.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "+" }).Or(ann.Page.Locator(".movements tbody tr"))).ToContainTextAsync("10");
    }

    [Fact]
    public async Task A_product_is_told_to_run_low_discontinued_and_brought_back()
    {
        var sku = await Shop.ProductAsync("Widget", 10);
        var ann = await Shop.VisitorAsync("ann");
        await ann.GoToProductAsync(sku);

        await ann.BeginAsync("Reorder point");
        await ann.FillAsync("Stock is low at", "20");
        await ann.PressAsync("Set");
        await Expect(ann.Page.GetByText("low stock", new() { Exact = true })).ToBeVisibleAsync();
        await ann.BeginAsync("Discontinue");
        await ann.FillAsync("Why", "nobody wants it");
        await ann.PressAsync("Discontinue");
        await Expect(ann.Button("Adjust stock")).ToHaveCountAsync(0);
        await ann.BeginAsync("Reinstate");
        await ann.PressAsync("Reinstate");

        await Expect(ann.Button("Adjust stock")).ToBeVisibleAsync();
        await Expect(ann.Page.GetByText("discontinued (nobody wants it)")).ToBeVisibleAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Img, new() { Name = "Stock over time. 4 changes: between 10 and 10 on hand, now 10." })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_somebody_typed_is_shown_as_text()
    {
        const string Name = "<img src=x onerror=alert(1)> & “co”";
        var sku = await Shop.ProductAsync(Name, 1);
        var ann = await Shop.VisitorAsync("ann");

        await ann.GoToCatalogueAsync(sku);
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = Name }).ClickAsync();

        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Name);
        await Expect(ann.Page.Locator("img")).ToHaveCountAsync(0);
    }

    private static async Task ReserveAsync(Visitor visitor, string units, string reference)
    {
        await visitor.BeginAsync("Reserve");
        await visitor.FillAsync("Units", units);
        await visitor.FillAsync("Reference", reference);
        await visitor.PressAsync("Reserve");
        await Expect(visitor.Page.GetByText($"{units} for {reference}")).ToBeVisibleAsync();
    }
}
