using System.Text.RegularExpressions;
using Inventory.BrowserTests.Hosting;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

/// <summary>Each policy is seen at work after two clicks.</summary>
public sealed class LabTests(Shop shop) : BrowserTest(shop)
{
    [Theory]
    [InlineData("A sale meets a rename", "200, accepted as version 2", "200, merged as version 3")]
    [InlineData("Two renames clash", "200, accepted as version 2", "409, conflict. Meanwhile ann changed this product")]
    [InlineData("A count meets a sale", "409, conflict. Meanwhile bob changed this product", "200, accepted as version 2")]
    public async Task Two_clicks_show_what_a_policy_does(string experiment, string ann, string bob)
    {
        var visitor = await Shop.VisitorAsync(name: null);
        await TryAsync(visitor, experiment);

        await Expect(Person(visitor, "Ann").Locator(".verdict")).ToHaveTextAsync(ann);
        await Expect(Person(visitor, "Bob").Locator(".verdict")).ToHaveTextAsync(bob);
    }

    [Fact]
    public async Task Two_pick_ups_at_once_both_succeed()
    {
        var visitor = await Shop.VisitorAsync(name: null);
        await TryAsync(visitor, "Two pick-ups at once");

        await Expect(visitor.Page.Locator(".verdict").Filter(new() { HasText = "200" })).ToHaveCountAsync(2);
        await Expect(visitor.Page.Locator(".stream li")).ToHaveTextAsync(
        [
            new Regex("5.*ReservationCommitted.*92 on hand"), new Regex("4.*ReservationCommitted.*96 on hand"), new Regex("3.*StockReserved"), new Regex("2.*StockReserved"), new Regex("1.*ProductCreated"),
        ]);
    }

    [Fact]
    public async Task Whoever_is_in_conflict_can_apply_edit_or_settle_right_there()
    {
        var visitor = await Shop.VisitorAsync(name: null);
        await TryAsync(visitor, "Two renames clash");
        var bob = Person(visitor, "Bob");
        await bob.GetByRole(AriaRole.Button, new() { Name = "Edit mine" }).ClickAsync();
        await bob.GetByRole(AriaRole.Textbox).FillAsync("Widget and gadget");
        await bob.GetByRole(AriaRole.Button, new() { Name = "Send Bob’s" }).ClickAsync();
        await Expect(bob.Locator(".verdict")).ToHaveTextAsync("200, accepted as version 3");

        await TryAsync(visitor, "Two renames clash");
        await bob.GetByRole(AriaRole.Button, new() { Name = "Apply mine on top" }).ClickAsync();
        await Expect(bob.Locator(".verdict")).ToHaveTextAsync("200, accepted as version 3");
        await Expect(bob.Locator("pre")).ToContainTextAsync("If-Match: \"2\"");

        await TryAsync(visitor, "A count meets a sale");
        await Person(visitor, "Ann").GetByRole(AriaRole.Button, new() { Name = "After: 95 on hand" }).ClickAsync();
        await Expect(visitor.Page.Locator(".stream li").First).ToContainTextAsync("counted 95, 97 were expected");
    }

    [Fact]
    public async Task The_same_sales_are_refused_one_way_and_not_the_other()
    {
        var visitor = await Shop.VisitorAsync(name: null);
        await visitor.Page.GotoAsync("/lab");
        await visitor.Page.GetByRole(AriaRole.Slider).FillAsync("5");
        await visitor.Button("Sell 60 units, twice").ClickAsync();

        var ways = visitor.Page.Locator(".contention dd");
        await Expect(ways.Nth(1)).ToContainTextAsync("60 sold, 0 refused");
        await Expect(ways.Nth(0)).ToContainTextAsync(new Regex("60 sold, [1-9][0-9]* refused"));
    }

    private static async Task TryAsync(Visitor visitor, string experiment)
    {
        await visitor.Page.GotoAsync("/lab");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = experiment }).ClickAsync();
        await visitor.Button("Send both").ClickAsync();
    }

    private static ILocator Person(Visitor visitor, string name) => visitor.Page.GetByRole(AriaRole.Region, new() { Name = name, Exact = true });
}
