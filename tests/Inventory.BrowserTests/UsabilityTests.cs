using Inventory.BrowserTests.Hosting;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

/// <summary>What holds of every screen: nothing keeps anybody from using it, on a phone, with a keyboard, in the dark, over a slow line.</summary>
public sealed class UsabilityTests(Shop shop) : BrowserTest(shop)
{
    private const int FirstLoadBytesMax = 200_000;

    [Theory]
    [InlineData(false, 1_200)]
    [InlineData(true, 1_200)]
    [InlineData(false, 360)]
    [InlineData(true, 360)]
    public async Task No_screen_has_a_barrier_or_is_wider_than_the_window(bool dark, int width)
    {
        var sku = await Shop.ProductAsync("A rather long name of a product that has to be broken somewhere, with a wordthatisfarlongerthanascreeniswideanddoesnotbreakbyitself", 100);
        await Shop.SendAsync(HttpMethod.Put, $"/products/sku:{sku}/reorder-point", new { reorderPoint = 200 });
        await Shop.SendAsync(HttpMethod.Post, $"/products/sku:{sku}/reservations", new { quantity = 3, expiresInSeconds = 86_400, reference = "CART-7" });
        var ann = await Shop.VisitorAsync("ann", dark: dark, width: width);

        await ann.GoToCatalogueAsync(sku);
        await Expect(ann.Page.Locator("tbody").GetByRole(AriaRole.Row)).ToHaveCountAsync(1);
        await ann.IsFreeAsync("catalogue");
        foreach (var button in new[] { "New product", "You are ann, change" })
        {
            await ann.BeginAsync(button);
            await ann.IsFreeAsync(button);
            await ann.Page.Keyboard.PressAsync("Escape");
            await Expect(ann.Dialog).ToHaveCountAsync(0);
        }

        await ann.GoToCatalogueAsync("nothing is called so");
        await ann.Button("Show everything").WaitForAsync();
        await ann.IsFreeAsync("nothing found");
        await ann.Page.GotoAsync("/#/products/sku:NOT-THERE");
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "Back to the stock" }).WaitForAsync();
        await ann.IsFreeAsync("no such product");

        await ann.GoToProductAsync(sku);
        await ann.Page.Locator(".movements").WaitForAsync();
        await ann.IsFreeAsync("product");
        foreach (var command in new[] { "Adjust stock", "Reserve", "Count", "Rename", "Reorder point", "Discontinue" })
        {
            await ann.BeginAsync(command);
            await ann.IsFreeAsync(command);
            await ann.Page.Keyboard.PressAsync("Escape");
            await Expect(ann.Dialog).ToHaveCountAsync(0);
        }

        await ann.BeginAsync("Count");
        await ann.FillAsync("Units counted", "90");
        await Shop.SellAsync(sku, 1);
        await ann.Dialog.GetByText("That clashes").WaitForAsync();
        await ann.IsFreeAsync("notice");
        await ann.PressAsync("Set to what I counted");
        await ann.Dialog.GetByText("Before: 90 on hand").WaitForAsync();
        await ann.IsFreeAsync("conflict");

        await ann.Page.GotoAsync("/lab");
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "Two renames clash" }).ClickAsync();
        await ann.Button("Send both").ClickAsync();
        await ann.Page.GetByText("409, conflict").WaitForAsync();
        await ann.IsFreeAsync("lab");
    }

    /// <summary>From the list to a change of stock and back, without a mouse.</summary>
    [Fact]
    public async Task Everything_is_done_with_the_keyboard_and_the_focus_is_never_lost()
    {
        var sku = await Shop.ProductAsync("Keyboard", 50);
        var ann = await Shop.VisitorAsync("ann");
        await ann.GoToCatalogueAsync(sku);
        var link = ann.Page.GetByRole(AriaRole.Link, new() { Name = "Keyboard" });
        await link.WaitForAsync();

        await ann.Page.Keyboard.PressAsync("Tab");
        await Expect(ann.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" })).ToBeFocusedAsync();
        await TabToAsync(ann, link);
        await ann.Page.Keyboard.PressAsync("Enter");
        await TabToAsync(ann, ann.Button("Adjust stock"));
        await ann.Page.Keyboard.PressAsync("Enter");
        await Expect(ann.Dialog.GetByRole(AriaRole.Textbox, new() { Name = "How many" })).ToBeFocusedAsync();
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Button("Adjust stock")).ToBeFocusedAsync();

        await ann.Page.Keyboard.PressAsync("Enter");
        await ann.Page.Keyboard.TypeAsync("8");
        await ann.Page.Keyboard.PressAsync("Shift+Tab");
        await ann.Page.Keyboard.PressAsync("ArrowRight");
        await ann.Page.Keyboard.PressAsync("Enter");

        await Expect(ann.Figure("On hand")).ToHaveTextAsync("58");
        await Expect(ann.Button("Adjust stock")).ToBeFocusedAsync();
        // The list may have told its own news of the same change before or after.
        await Expect(ann.Page.Locator("#announcements")).ToContainTextAsync("Done.");
    }

    [Fact]
    public async Task The_first_load_is_small()
    {
        var ann = await Shop.VisitorAsync(name: null);
        var loaded = new List<IRequest>();
        ann.Page.RequestFinished += (_, request) => loaded.Add(request);

        var sku = await Shop.ProductAsync("Small", 1);
        await ann.GoToCatalogueAsync(sku);
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "Small" }).WaitForAsync();

        var bytes = 0;
        foreach (var request in loaded)
        {
            var sizes = await request.SizesAsync();
            bytes += sizes.ResponseBodySize + sizes.ResponseHeadersSize;
        }

        TestContext.Current.SendDiagnosticMessage($"{loaded.Count} files, {bytes} bytes");
        Assert.InRange(bytes, 20_000, FirstLoadBytesMax);
    }

    private static async Task TabToAsync(Visitor visitor, ILocator target)
    {
        await target.WaitForAsync();
        for (var n = 0; n < 40; n++)
        {
            await visitor.Page.Keyboard.PressAsync("Tab");
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }
        }

        Assert.Fail("It cannot be reached with the Tab key.");
    }
}
