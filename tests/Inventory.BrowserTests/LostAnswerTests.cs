using Inventory.BrowserTests.Hosting;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

/// <summary>Answers that do not arrive.</summary>
public sealed class LostAnswerTests(Shop shop) : BrowserTest(shop)
{
    [Theory]
    [InlineData("outcome-unknown")]
    [InlineData("connection cut")]
    public async Task A_lost_answer_is_asked_for_again_under_the_same_key_and_the_sale_is_made_once(string loss)
    {
        var sku = await Shop.ProductAsync("Widget", 100);
        var ann = await Shop.VisitorAsync("ann");
        await ann.GoToProductAsync(sku);
        var sent = new List<string?>();
        await ann.Page.RouteAsync("**/adjustments", async route =>
        {
            sent.Add(await route.Request.HeaderValueAsync("Idempotency-Key"));
            if (sent.Count > 1)
            {
                await route.ContinueAsync();
                return;
            }

            // It is carried out; only nobody gets to know.
            await route.FetchAsync();
            await (loss == "connection cut" ? route.AbortAsync("connectionreset") : OutcomeUnknownAsync(route, retryAfterSeconds: 1));
        });

        await ann.BeginAsync("Adjust stock");
        await ann.FillAsync("How many", "5");
        await ann.PressAsync("Adjust");

        await Expect(ann.Dialog).ToHaveCountAsync(0);
        await Expect(ann.Figure("On hand")).ToHaveTextAsync("95");
        Assert.Equal(2, sent.Count);
        Assert.Single(sent.Distinct());
        Assert.NotNull(sent[0]);
        Assert.Equal(2, (await Shop.ReadAsync($"/products/sku:{sku}"))["version"]!.GetValue<int>());
        ann.Complaints.RemoveAll(IsOfALostAnswer);
    }

    [Fact]
    public async Task When_nobody_knows_for_long_the_form_says_so_and_asking_again_settles_it()
    {
        var sku = await Shop.ProductAsync("Widget", 100);
        var ann = await Shop.VisitorAsync("ann");
        await ann.GoToProductAsync(sku);
        var sent = new List<string?>();
        await ann.Page.RouteAsync("**/adjustments", async route =>
        {
            sent.Add(await route.Request.HeaderValueAsync("Idempotency-Key"));
            if (sent.Count > 1)
            {
                await route.ContinueAsync();
                return;
            }

            await route.FetchAsync();
            await OutcomeUnknownAsync(route, retryAfterSeconds: 3_600);
        });
        await ann.BeginAsync("Adjust stock");
        await ann.FillAsync("How many", "5");
        await ann.PressAsync("Adjust");
        await Expect(ann.Dialog.GetByText("It is not known whether your change was made.")).ToBeVisibleAsync();

        await ann.PressAsync("Ask again");

        await Expect(ann.Dialog).ToHaveCountAsync(0);
        Assert.Equal(2, sent.Count);
        Assert.Single(sent.Distinct());
        Assert.NotNull(sent[0]);
        Assert.Equal(95, (await Shop.ReadAsync($"/products/sku:{sku}"))["onHand"]!.GetValue<int>());
        ann.Complaints.RemoveAll(IsOfALostAnswer);
    }

    [Fact]
    public async Task Who_is_offline_is_told_so_and_goes_on_when_the_connection_is_back()
    {
        var sku = await Shop.ProductAsync("Faraway", 1);
        var ann = await Shop.VisitorAsync("ann");
        await ann.GoToCatalogueAsync(sku);
        await Expect(ann.Page.GetByRole(AriaRole.Link, new() { Name = "Faraway" })).ToBeVisibleAsync();
        var said = ann.Page.GetByText("The service cannot be reached");

        await ann.SetOfflineAsync(true);
        await ann.Page.GetByRole(AriaRole.Searchbox).FillAsync("B-");
        await Expect(said).ToBeVisibleAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Link, new() { Name = "Faraway" })).ToBeVisibleAsync();

        await ann.SetOfflineAsync(false);
        await ann.Page.GetByRole(AriaRole.Searchbox).FillAsync(sku);
        await Expect(said).ToHaveCountAsync(0);
    }

    private static Task OutcomeUnknownAsync(IRoute route, int retryAfterSeconds) => route.FulfillAsync(new()
    {
        Status = 503,
        ContentType = "application/problem+json",
        Headers = new Dictionary<string, string> { ["Retry-After"] = $"{retryAfterSeconds}" },
        Body = """{"type":"/problems/outcome-unknown","title":"It is not known","status":503}""",
    });

    private static bool IsOfALostAnswer(string complaint) =>
        complaint.Contains("503", StringComparison.Ordinal) || complaint.Contains("ERR_CONNECTION_RESET", StringComparison.Ordinal);
}
