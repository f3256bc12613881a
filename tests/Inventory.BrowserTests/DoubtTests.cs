using System.Collections.Concurrent;
using Inventory.BrowserTests.Hosting;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

/// <summary>However somebody leaves a command of which nobody knows how it ended, it is never sent as another one.</summary>
public sealed class DoubtTests(Shop shop) : BrowserTest(shop)
{
    private const string Undecided = "It is not known whether your change was made.";

    [Theory]
    [InlineData("types a word")]
    [InlineData("presses Cancel")]
    [InlineData("presses Escape")]
    [InlineData("looks at another product")]
    [InlineData("reloads")]
    [InlineData("closes the tab")]
    public async Task Whoever_leaves_a_sale_in_doubt_and_comes_back_has_sold_once(string what)
    {
        var (sku, other) = (await Shop.ProductAsync("Widget", 100), await Shop.ProductAsync("Gadget", 100));
        var ann = await Shop.VisitorAsync("ann");
        var keys = await LoseFirstAnswerAsync(ann);
        await SellAsync(ann, sku);
        await Expect(ann.Dialog.GetByText(Undecided)).ToBeVisibleAsync();

        var page = ann.Page;
        var reference = ann.Dialog.GetByRole(AriaRole.Textbox, new() { Name = "Reference" });
        switch (what)
        {
            case "types a word":
                if (await reference.IsEnabledAsync())
                {
                    await reference.FillAsync("SO-17");
                }

                await ann.Dialog.Locator("button.main").ClickAsync();
                break;
            case "presses Cancel":
                await ann.Dialog.Locator(".choices button:not(.main)").ClickAsync();
                await SellAgainAsync(ann);
                break;
            case "presses Escape":
                await page.Keyboard.PressAsync("Escape");
                await SellAgainAsync(ann);
                break;
            case "looks at another product":
                await page.Keyboard.PressAsync("Escape");
                await ann.GoToProductAsync(other);
                await ann.GoToProductAsync(sku);
                await SellAgainAsync(ann);
                break;
            case "reloads":
                await page.ReloadAsync();
                break;
            default:
                var next = await page.Context.NewPageAsync();
                await page.CloseAsync();
                await next.GotoAsync("/");
                break;
        }

        await UntilAsync(() => keys.Count == 2);
        Assert.Single(keys.Distinct());
        var product = await Shop.ReadAsync($"/products/sku:{sku}");
        Assert.Equal((95, 2), (product["onHand"]!.GetValue<int>(), product["version"]!.GetValue<int>()));
        ann.Complaints.RemoveAll(IsOfALostAnswer);
    }

    [Fact]
    public async Task A_command_in_doubt_is_asked_for_by_nobody_but_who_made_it()
    {
        var sku = await Shop.ProductAsync("Widget", 100);
        var visitor = await Shop.VisitorAsync(name: null);
        var keys = await LoseFirstAnswerAsync(visitor);
        await NameAsync(visitor, "ann", sku);
        await SellAsync(visitor, sku);
        await Expect(visitor.Dialog.GetByText(Undecided)).ToBeVisibleAsync();

        await NameAsync(visitor, "bob", sku);
        await Expect(visitor.Figure("On hand")).ToHaveTextAsync("95");
        await Expect(visitor.Page.GetByText(Undecided)).ToHaveCountAsync(0);
        Assert.Single(keys);

        await NameAsync(visitor, "ann", sku);
        await UntilAsync(() => keys.Count == 2);
        Assert.Single(keys.Distinct());
        Assert.Equal(95, (await Shop.ReadAsync($"/products/sku:{sku}"))["onHand"]!.GetValue<int>());
        visitor.Complaints.RemoveAll(IsOfALostAnswer);
    }

    [Fact]
    public async Task A_product_whose_making_is_in_doubt_is_made_once()
    {
        _ = await Shop.ProductAsync("First", 1);
        var ann = await Shop.VisitorAsync("ann");
        var keys = await LoseFirstAnswerAsync(ann, "**/products");
        await ann.Page.GotoAsync("/#/");
        await ann.BeginAsync("New product");
        await ann.FillAsync("SKU", "DOUBT-1");
        await ann.FillAsync("Name", "Doubtful");
        await ann.PressAsync("Create");
        await Expect(ann.Dialog.GetByText("It is not known whether")).ToBeVisibleAsync();

        await ann.Page.ReloadAsync();
        await UntilAsync(() => keys.Count == 2);
        Assert.Single(keys.Distinct());
        ann.Complaints.RemoveAll(IsOfALostAnswer);
    }

    [Fact]
    public async Task A_command_that_is_never_answered_is_asked_for_again_after_a_while()
    {
        var sku = await Shop.ProductAsync("Widget", 100);
        var ann = await Shop.VisitorAsync("ann");
        var keys = await HangFirstAsync(ann);
        await SellAsync(ann, sku);
        await UntilAsync(() => keys.Count == 1);

        await ann.Page.Clock.FastForwardAsync(20_000);

        await Expect(ann.Figure("On hand")).ToHaveTextAsync("95");
        await UntilAsync(() => keys.Count == 2);
        Assert.Single(keys.Distinct());
        await Expect(ann.Dialog).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Escape_works_while_a_command_is_being_sent_and_the_page_goes_on_asking_how_it_ended()
    {
        var sku = await Shop.ProductAsync("Widget", 100);
        var ann = await Shop.VisitorAsync("ann");
        var keys = await HangFirstAsync(ann);
        await SellAsync(ann, sku);
        await UntilAsync(() => keys.Count == 1);

        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Dialog).ToHaveCountAsync(0);
        var doubts = ann.Page.GetByRole(AriaRole.Region, new() { Name = "On its way" });
        await Expect(doubts).ToContainTextAsync("Adjust stock, Widget");
        await ann.IsFreeAsync("a command on its way");

        await ann.Page.Clock.FastForwardAsync(20_000);
        await Expect(doubts).ToHaveCountAsync(0);
        await Expect(ann.Figure("On hand")).ToHaveTextAsync("95");
        Assert.Single(keys.Distinct());
    }

    [Fact]
    public async Task What_is_in_doubt_is_settled_first_when_the_connection_is_back_and_its_conflict_is_shown()
    {
        var sku = await Shop.ProductAsync("Widgit", 100);
        var ann = await Shop.VisitorAsync("ann");
        await ann.Page.Clock.InstallAsync();
        await ann.GoToProductAsync(sku);
        await ann.BeginAsync("Rename");
        await ann.FillAsync("Name", "Widget");
        await ann.SetOfflineAsync(true);
        await ann.PressAsync("Rename");
        await ann.Page.Keyboard.PressAsync("Escape");
        await Shop.SendAsync(HttpMethod.Put, $"/products/sku:{sku}/name", new { name = "Gadget" }, "bob", seenVersion: 1);
        await ann.SetOfflineAsync(false);
        var look = ann.Button("Look at it: Rename, Widgit");
        await ann.Page.Clock.FastForwardAsync(30_000);
        await look.ClickAsync();

        await Expect(ann.Dialog.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToHaveTextAsync("Meanwhile bob changed this product");
        await ann.PressAsync("Apply mine on top");
        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Widget");
        await Expect(look).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Stock_is_called_live_only_while_the_stream_says_something()
    {
        var sku = await Shop.ProductAsync("Widget", 100);
        var ann = await Shop.VisitorAsync("ann");
        var streams = 0;
        var isSilent = true;
        await ann.Page.RouteAsync("**/changes", async route =>
        {
            if (Interlocked.Increment(ref streams) == 1 || !Volatile.Read(ref isSilent))
            {
                await route.ContinueAsync();
            }
        });
        await ann.Page.Clock.InstallAsync();
        await ann.GoToProductAsync(sku);
        await Expect(ann.Figure("On hand")).ToHaveTextAsync("100");
        await UntilAsync(() => streams == 1);
        var said = ann.Page.Locator("#connection");
        await Expect(said).ToBeEmptyAsync();

        await ann.Page.Clock.FastForwardAsync(60_000);
        await Expect(said).ToContainTextAsync("Not live");
        await Expect(said).ToContainTextAsync("1 minute ago");
        await ann.IsFreeAsync("not live");

        Volatile.Write(ref isSilent, false);
        await ann.Page.Clock.FastForwardAsync(60_000);
        await Expect(said).ToBeEmptyAsync();
    }

    private static async Task NameAsync(Visitor visitor, string name, string sku)
    {
        if (visitor.Page.Url == "about:blank")
        {
            await visitor.Page.GotoAsync("/favicon.svg");
        }

        await visitor.Page.EvaluateAsync("name => localStorage.setItem('actor', name)", name);
        await visitor.Page.GotoAsync("/favicon.svg");
        await visitor.GoToProductAsync(sku);
    }

    private static async Task SellAsync(Visitor visitor, string sku)
    {
        await visitor.GoToProductAsync(sku);
        await visitor.BeginAsync("Adjust stock");
        await visitor.FillAsync("How many", "5");
        await visitor.PressAsync("Adjust");
    }

    /// <summary>As somebody would who believes that it was not done.</summary>
    private static async Task SellAgainAsync(Visitor visitor)
    {
        await visitor.BeginAsync("Adjust stock");
        var howMany = visitor.Dialog.GetByRole(AriaRole.Textbox, new() { Name = "How many" });
        if (await howMany.CountAsync() > 0 && await howMany.IsEnabledAsync())
        {
            await howMany.FillAsync("5");
        }

        await visitor.Dialog.Locator("button.main").ClickAsync();
    }

    private static async Task<ConcurrentQueue<string>> LoseFirstAnswerAsync(Visitor visitor, string path = "**/adjustments")
    {
        var keys = new ConcurrentQueue<string>();
        await visitor.Page.Context.RouteAsync(path, async route =>
        {
            if (route.Request.Method == "GET")
            {
                await route.ContinueAsync();
                return;
            }

            keys.Enqueue(await route.Request.HeaderValueAsync("Idempotency-Key") ?? "none");
            if (keys.Count > 1)
            {
                await route.ContinueAsync();
                return;
            }

            // It is carried out; only nobody gets to know.
            await route.FetchAsync();
            await route.FulfillAsync(new()
            {
                Status = 503,
                ContentType = "application/problem+json",
                Headers = new Dictionary<string, string> { ["Retry-After"] = "3600" },
                Body = """{"type":"/problems/outcome-unknown","title":"It is not known","status":503}""",
            });
        });
        return keys;
    }

    /// <summary>The first never gets an answer, and no error either.</summary>
    private static async Task<ConcurrentQueue<string>> HangFirstAsync(Visitor visitor)
    {
        await visitor.Page.Clock.InstallAsync();
        var keys = new ConcurrentQueue<string>();
        await visitor.Page.RouteAsync("**/adjustments", async route =>
        {
            keys.Enqueue(await route.Request.HeaderValueAsync("Idempotency-Key") ?? "none");
            if (keys.Count > 1)
            {
                await route.ContinueAsync();
            }
        });
        return keys;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Visitor.Patience);
        while (!holds())
        {
            Assert.False(patience.IsCancellationRequested, "It did not come to pass.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static bool IsOfALostAnswer(string complaint) => complaint.Contains("503", StringComparison.Ordinal);
}
