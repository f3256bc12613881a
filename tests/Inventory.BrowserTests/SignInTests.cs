using System.Text.RegularExpressions;
using Inventory.BrowserTests.Hosting;
using Inventory.Tests.Access;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Playwright;

namespace Inventory.BrowserTests;

/// <summary>The page where the service asks for tokens.</summary>
public sealed class SignInTests(GuardedShop shop) : BrowserTest(shop)
{
    private const string TokenLabel = "Access token";

    [Fact]
    public async Task Who_pastes_a_good_token_sees_and_changes_the_stock_and_the_token_is_in_no_address()
    {
        var sku = await Shop.ProductAsync("Signed in", 100);
        var ann = await Shop.VisitorAsync(name: null);
        var token = Token("inventory.write", "ann");
        var asked = new List<IRequest>();
        ann.Page.Request += (_, request) => asked.Add(request);
        await ann.Page.GotoAsync($"/#/products/sku:{sku}");
        await Expect(ann.Dialog.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await Expect(ann.Dialog.GetByLabel(TokenLabel)).ToBeFocusedAsync();
        await ann.Page.Keyboard.InsertTextAsync($"Authorization: Bearer {token}\n");
        await ann.Page.Keyboard.PressAsync("Enter");

        await Expect(ann.Page.Locator("#who")).ToHaveTextAsync(new Regex(@"^ann until \d\d:\d\d$"));
        await Expect(ann.Page.Locator("#announcements")).ToContainTextAsync("You are signed in as ann.");
        await ann.BeginAsync("Adjust stock");
        await ann.FillAsync("How many", "5");
        await ann.PressAsync("Adjust");

        await Expect(ann.Figure("On hand")).ToHaveTextAsync("95");
        await Expect(ann.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "ann: −5 (sale), 95 on hand" })).ToBeVisibleAsync();
        Assert.NotEmpty(asked);
        Assert.All(asked, request => Assert.DoesNotContain(token, request.Url, StringComparison.Ordinal));
        await ann.Page.ReloadAsync();
        await Expect(ann.Figure("On hand")).ToHaveTextAsync("95");
        await Expect(ann.Dialog).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_others_do_is_seen_as_it_happens()
    {
        var sku = await Shop.ProductAsync("Live", 100);
        var ann = await SignedInAsync(sku);
        await Shop.SellAsync(sku, 7, node: 1);
        await Expect(ann.Figure("Available")).ToHaveTextAsync("93");

        await ann.BeginAsync("Rename");
        await Shop.SendAsync(HttpMethod.Put, $"/products/sku:{sku}/name", new { name = "Lively" }, "bob", seenVersion: 2);
        await Expect(ann.Dialog.GetByText("That clashes")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_token_that_is_no_good_is_refused_with_the_reason_and_can_be_replaced()
    {
        var sku = await Shop.ProductAsync("Refused", 100);
        var ann = await Shop.VisitorAsync(name: null);
        await ann.Page.GotoAsync($"/#/products/sku:{sku}");
        foreach (var (given, reason) in new[]
        {
            ("", "A token is needed."),
            ("hunter2", "That is no token"),
            ("a.b.c", "The service does not take this token"),
            (Token("inventory.write", "ann", token => token.SigningCredentials = TokenIssuer.Credentials(new byte[32])), "The service does not take this token"),
            (Token("inventory.write", "ann", TokenIssuer.Expired), "The service does not take this token: The token expired at"),
            (Token("openid profile", "ann"), "it lacks the scope inventory.read."),
        })
        {
            await ann.Dialog.GetByLabel(TokenLabel).FillAsync(given);
            await ann.PressAsync("Sign in");
            await Expect(ann.Dialog.GetByText(reason)).ToBeVisibleAsync();
            await Expect(ann.Dialog.GetByLabel(TokenLabel)).ToHaveAttributeAsync("aria-invalid", "true");
            await Expect(ann.Dialog.GetByLabel(TokenLabel)).ToBeFocusedAsync();
        }

        await ann.Dialog.GetByLabel(TokenLabel).FillAsync(Token("inventory.read", "ann"));
        await ann.PressAsync("Sign in");
        await Expect(ann.Figure("On hand")).ToHaveTextAsync("100");
    }

    [Fact]
    public async Task When_the_token_ends_while_somebody_types_nothing_typed_is_lost()
    {
        var sku = await Shop.ProductAsync("Ends", 100);
        var token = Token("inventory.write", "ann");
        var ann = await SignedInAsync(sku, token);
        await ann.BeginAsync("Adjust stock");
        await ann.FillAsync("How many", "5");
        await ann.FillAsync("Reference", "SO-17");
        await EndAsync(ann, token);

        await ann.PressAsync("Adjust");
        var again = ann.Page.GetByRole(AriaRole.Dialog, new() { Name = "Sign in again" });
        await Expect(again.GetByText("The token of ann is not good any more. What you have typed stays as it is.")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator("#who")).ToHaveTextAsync("Sign in");

        // Who would rather not has their form back as it was; and sending it asks again.
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(again).ToHaveCountAsync(0);
        await Expect(ann.Dialog.GetByLabel("Reference")).ToHaveValueAsync("SO-17");
        await ann.PressAsync("Adjust");
        await again.GetByLabel(TokenLabel).FillAsync(Token("inventory.write", "ann", token => token.Claims["jti"] = "2"));
        await again.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await Expect(ann.Dialog).ToHaveCountAsync(0);
        await Expect(ann.Figure("On hand")).ToHaveTextAsync("95");
        await Expect(ann.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "ann: −5 (sale SO-17), 95 on hand" })).ToBeVisibleAsync();
        Assert.Equal(2, (await Shop.ReadAsync($"/products/sku:{sku}"))["version"]!.GetValue<int>());
    }

    /// <summary>A key is the subject's own: under another subject it would take effect a second time.</summary>
    [Fact]
    public async Task A_lost_answer_is_not_asked_for_under_another_name()
    {
        var sku = await Shop.ProductAsync("Two names", 100);
        var token = Token("inventory.write", "ann");
        var ann = await SignedInAsync(sku, token);
        await ann.BeginAsync("Adjust stock");
        await ann.FillAsync("How many", "5");
        var sent = 0;
        await ann.Page.RouteAsync("**/adjustments", async route =>
        {
            if (Interlocked.Increment(ref sent) == 1)
            {
                await route.FetchAsync();
                await EndAsync(ann, token);
                await route.AbortAsync("connectionreset");
                return;
            }

            await route.FallbackAsync();
        });
        await ann.PressAsync("Adjust");
        var again = ann.Page.GetByRole(AriaRole.Dialog, new() { Name = "Sign in again" });
        await again.GetByLabel(TokenLabel).FillAsync(Token("inventory.write", "bob"));
        await again.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await Expect(ann.Dialog.GetByText("Only ann can ask: sent by another it would be another change.")).ToBeVisibleAsync();
        await ann.PressAsync("Ask again");
        await Expect(ann.Dialog.GetByText("Only ann can ask")).ToBeVisibleAsync();
        Assert.Equal((2, 2), (sent, (await Shop.ReadAsync($"/products/sku:{sku}"))["version"]!.GetValue<int>()));
        ann.Complaints.RemoveAll(complaint => complaint.Contains("ERR_CONNECTION_RESET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_scope_to_change_things_the_buttons_stay_and_say_why_they_do_nothing()
    {
        const string Reason = "Your token does not allow this: it takes the scope inventory.write.";
        var sku = await Shop.ProductAsync("Read only", 100);
        await Shop.SendAsync(HttpMethod.Post, $"/products/sku:{sku}/reservations", new { quantity = 3, expiresInSeconds = 86_400 });
        var ann = await SignedInAsync(sku, Token("inventory.read", "ann"));

        await Expect(ann.Page.Locator(".whynot")).ToHaveTextAsync(Reason);
        foreach (var name in new[] { "Adjust stock", "Reserve", "Count", "Rename", "Reorder point", "Discontinue", "Release 3 for shop" })
        {
            await Expect(ann.Button(name)).ToHaveAttributeAsync("aria-description", Reason);
            await ann.Page.Locator("#announcements").EvaluateAsync("element => element.textContent = ''");
            await ann.Button(name).FocusAsync();
            await ann.Page.Keyboard.PressAsync("Enter");
            await Expect(ann.Page.Locator("#announcements")).ToContainTextAsync(Reason);
            await Expect(ann.Dialog).ToHaveCountAsync(0);
        }

        await ann.Page.GotoAsync("/lab");
        await Expect(ann.Page.GetByText(Reason)).ToBeVisibleAsync();

        await ann.GoToCatalogueAsync(sku);
        await Expect(ann.Button("New product")).ToHaveAttributeAsync("aria-disabled", "true");
        await ann.Page.Locator("#who").ClickAsync();
        await Expect(ann.Dialog.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "inventory.write" })).ToHaveTextAsync("you may not change it inventory.write");
        await ann.PressAsync("Use another token");
        await ann.Dialog.GetByLabel(TokenLabel).FillAsync(Token("inventory.write", "ann"));
        await ann.PressAsync("Sign in");
        await Expect(ann.Button("New product")).Not.ToHaveAttributeAsync("aria-disabled", "true");
        await Expect(ann.Page.GetByText(Reason)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Signing_out_leaves_nothing_to_be_seen()
    {
        var sku = await Shop.ProductAsync("Signed out", 100);
        var ann = await SignedInAsync(sku);
        await ann.Page.Locator("#who").ClickAsync();
        await ann.PressAsync("Sign out");

        await Expect(ann.Dialog.GetByLabel(TokenLabel)).ToBeVisibleAsync();
        await Expect(ann.Page.Locator("main")).Not.ToContainTextAsync("Signed out");
        Assert.Equal(0, await ann.Page.EvaluateAsync<int>("() => sessionStorage.length"));
        await ann.PressAsync("Not now");
        await Expect(ann.Page.Locator("main").GetByText("Sign in to see this.")).ToBeVisibleAsync();
        await ann.Page.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await ann.Dialog.GetByLabel(TokenLabel).FillAsync(Token("inventory.read", "bob"));
        await ann.PressAsync("Sign in");
        await Expect(ann.Figure("On hand")).ToHaveTextAsync("100");
        await Expect(ann.Page.Locator("#who")).ToContainTextAsync("bob");
    }

    [Fact]
    public async Task In_the_lab_both_act_under_the_one_token()
    {
        _ = await Shop.ProductAsync("Lab", 1);
        var ann = await Shop.VisitorAsync(name: null);
        await ann.Page.GotoAsync("/lab");
        await SignInAsync(ann, Token("inventory.write", "ann"));
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "Two renames clash" }).ClickAsync();
        await ann.Button("Send both").ClickAsync();

        await Expect(ann.Page.GetByText("409, conflict")).ToBeVisibleAsync();
        await Expect(ann.Page.GetByText("Your token speaks for both")).ToBeVisibleAsync();
        await Expect(ann.Page.GetByText("takes the scope inventory.admin")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(false, 1_200)]
    [InlineData(true, 360)]
    public async Task Signing_in_has_no_barrier_and_fits_a_small_screen(bool dark, int width)
    {
        var sku = await Shop.ProductAsync("Barriers", 100);
        var ann = await Shop.VisitorAsync(name: null, dark: dark, width: width);
        await ann.Page.GotoAsync($"/#/products/sku:{sku}");
        await ann.Dialog.GetByText("Where do I get one?").ClickAsync();
        await ann.IsFreeAsync("panel");
        await ann.PressAsync("Sign in");
        await ann.IsFreeAsync("panel with an error");
        await ann.PressAsync("Not now");
        await ann.IsFreeAsync("signed out");
        await ann.Page.Locator("#who").ClickAsync();
        await SignInAsync(ann, Token("inventory.read", "a.person-with-a-rather-long-name@some-department.example.com"));
        await ann.Button("Adjust stock").WaitForAsync();
        await ann.IsFreeAsync("read only");
        await ann.Page.Locator("#who").ClickAsync();
        await ann.IsFreeAsync("access");
    }

    private static string Token(string scope, string subject, Action<SecurityTokenDescriptor>? otherwise = null) =>
        TokenIssuer.Token(scope, otherwise, subject);

    private async Task<Visitor> SignedInAsync(string sku, string? token = null)
    {
        var ann = await Shop.VisitorAsync(name: null);
        await ann.Page.GotoAsync($"/#/products/sku:{sku}");
        await SignInAsync(ann, token ?? Token("inventory.write", "ann"));
        await ann.Button("Adjust stock").WaitForAsync();
        return ann;
    }

    private static async Task SignInAsync(Visitor visitor, string token)
    {
        await visitor.Dialog.GetByLabel(TokenLabel).FillAsync(token);
        await visitor.PressAsync("Sign in");
        await Expect(visitor.Dialog).ToHaveCountAsync(0);
    }

    /// <summary>From now on a token is one that has ended: the service itself says so.</summary>
    private static async Task EndAsync(Visitor visitor, string token) => await visitor.Page.RouteAsync("**/*", async route =>
    {
        var headers = await route.Request.AllHeadersAsync();
        if (headers.GetValueOrDefault("authorization") == $"Bearer {token}")
        {
            headers["authorization"] = $"Bearer {Token("inventory.write", "ann", TokenIssuer.Expired)}";
        }

        await route.FallbackAsync(new() { Headers = headers });
    });
}
