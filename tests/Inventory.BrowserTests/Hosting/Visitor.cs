using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Inventory.BrowserTests.Hosting;

/// <summary>Somebody who uses the page, in a browser window of their own with nothing of anybody else's in it.</summary>
public sealed partial class Visitor
{
    /// <summary>How long something may take to appear on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Lazy<string> Axe = new(() =>
    {
        using var script = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("axe.min.js")!);
        return script.ReadToEnd();
    });

    private readonly IBrowserContext _context;

    private Visitor(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    /// <summary>Their window.</summary>
    public IPage Page { get; }

    /// <summary>What the browser found wrong.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>The open dialog.</summary>
    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    public static async Task<Visitor> OpenAsync(IBrowser browser, Uri address, string? name, int width, bool dark)
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ViewportSize = new() { Width = width, Height = 800 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
        });
        context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        await context.AddInitScriptAsync(Axe.Value);
        if (name is not null)
        {
            await context.AddInitScriptAsync($"localStorage.setItem('actor', {JsonSerializer.Serialize(name)})");
        }

        var visitor = new Visitor(context, await context.NewPageAsync());
        visitor.Page.PageError += (_, error) => visitor.Complaints.Add(error);
        visitor.Page.Console += (_, message) =>
        {
            // A browser writes down every answer of 400 and above; that the page deals with them is what tests look at.
            if (message.Type is "error" or "warning" && !RefusedAnswer().IsMatch(message.Text))
            {
                visitor.Complaints.Add($"{message.Type}: {message.Text}");
            }
        };
        return visitor;
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public Task GoToCatalogueAsync(string search) => Page.GotoAsync($"/#/?search={Uri.EscapeDataString(search)}&filter=all");

    /// <summary>Opens a product's page.</summary>
    public async Task GoToProductAsync(string sku)
    {
        await Page.GotoAsync($"/#/products/sku:{sku}");
        await Button("Adjust stock").WaitForAsync();
    }

    /// <summary>Opens the form of a command.</summary>
    public async Task BeginAsync(string command)
    {
        await Button(command).ClickAsync();
        await Dialog.WaitForAsync();
    }

    /// <summary>Fills in a field of the open form.</summary>
    public Task FillAsync(string label, string value) => Dialog.GetByRole(AriaRole.Textbox, new() { Name = label }).FillAsync(value);

    /// <summary>Presses a button of the open dialog.</summary>
    public Task PressAsync(string button) => Dialog.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();

    /// <summary>Renames the product of the page.</summary>
    public async Task RenameAsync(string name)
    {
        await BeginAsync("Rename");
        await FillAsync("Name", name);
        await PressAsync("Rename");
    }

    /// <summary>A figure of a product's page.</summary>
    public ILocator Figure(string name) => Page.Locator(".figures div", new() { Has = Page.GetByText(name, new() { Exact = true }) }).Locator("dd");

    /// <summary>What keeps people from using what is shown now, of serious or critical impact (axe-core's words).</summary>
    public async Task<IReadOnlyList<string>> BarriersAsync()
    {
        // A value that has just changed is marked for a moment; its colours are not yet those that stay.
        await Page.WaitForFunctionAsync("() => document.getAnimations().every(animation => animation.playState === 'finished')");
        var found = await Page.EvaluateAsync<string[]>(
            """
            async () => (await axe.run()).violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
                .map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.target + ' ' + n.failureSummary).join('; ')}`)
            """);
        return found;
    }

    /// <summary>By how many pixels the page is wider than the screen.</summary>
    public Task<int> OverhangAsync() => Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth");

    /// <summary>Fails when something keeps people from using what is shown now, or when it is wider than the screen.</summary>
    public async Task IsFreeAsync(string screen)
    {
        Assert.True(await OverhangAsync() <= 0, $"{screen} is {await OverhangAsync()} pixels too wide");
        var barriers = await BarriersAsync();
        Assert.True(barriers.Count == 0, $"{screen}: {string.Join("\n", barriers)}");
    }

    public Task CloseAsync() => _context.CloseAsync();

    /// <summary>Cuts them off from the network, or lets them back.</summary>
    public Task SetOfflineAsync(bool offline) => _context.SetOfflineAsync(offline);

    [GeneratedRegex(@"Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_INTERNET_DISCONNECTED)")]
    private static partial Regex RefusedAnswer();
}
