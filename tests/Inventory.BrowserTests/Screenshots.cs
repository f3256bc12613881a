using Inventory.BrowserTests.Hosting;
using Inventory.Tests.Architecture;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

/// <summary>
/// Makes the pictures of the README: <c>SCREENSHOTS=1 dotnet test --project tests/Inventory.BrowserTests</c>. Their times and ids are others each time, so
/// they are made on demand only.
/// </summary>
public sealed class Screenshots(Shop shop) : BrowserTest(shop)
{
    private const int BytesMax = 150_000;

    [Fact]
    public async Task Pictures_for_the_README()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SCREENSHOTS") == "1", "Pictures are made when SCREENSHOTS=1 asks for them.");
        var ann = await Shop.VisitorAsync("ann");
        var bob = await Shop.VisitorAsync("bob", dark: true, width: 390);
        var sku = await Shop.ProductAsync("Darjeeling First Flush, 100 g", 148);
        await Shop.SendAsync(HttpMethod.Put, $"/products/sku:{sku}/reorder-point", new { reorderPoint = 40 });
        foreach (var units in new[] { 12, 3, 20, -40, 7, 22, 15 })
        {
            await Shop.SellAsync(sku, units);
        }

        await ann.GoToProductAsync(sku);
        await ann.BeginAsync("Rename");
        await ann.FillAsync("Name", "Darjeeling FTGFOP1, 100 g");
        await Shop.SellAsync(sku, 3);
        await bob.GoToProductAsync(sku);
        await bob.RenameAsync("Darjeeling Spring, 100 g");
        await ann.Dialog.GetByText("That clashes").WaitForAsync();
        await ann.PressAsync("Rename");
        await ann.Dialog.GetByText("clashes with yours").WaitForAsync();
        await SaveAsync(ann, "conflict");

        await ann.Page.GotoAsync("/lab");
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "A sale meets a rename" }).ClickAsync();
        await ann.Button("Send both").ClickAsync();
        await ann.Page.GetByText("200, merged").WaitForAsync();
        await ann.Page.GetByText("StockAdjusted").WaitForAsync();
        await SaveAsync(ann, "lab");
        await bob.Dialog.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await SaveAsync(bob, "product");
    }

    private static async Task SaveAsync(Visitor visitor, string name)
    {
        var folder = Path.Combine(SourceTree.Root, "docs", "images");
        Directory.CreateDirectory(folder);
        var picture = await visitor.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
        Assert.InRange(picture.Length, 1, BytesMax);
    }
}
