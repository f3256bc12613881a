using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.Tests.Access;
using Inventory.Tests.Hosting;
using Inventory.Tests.Processes;

[assembly: AssemblyFixture(typeof(DatabaseServer))]
[assembly: AssemblyFixture(typeof(Inventory.BrowserTests.Hosting.Chromium))]

namespace Inventory.BrowserTests.Hosting;

/// <summary>
/// A service with a database of its own, and visitors that open its page. Tests keep out of each other's way by making products of their own.
/// </summary>
public class Shop(DatabaseServer server, Chromium chromium) : IAsyncLifetime
{
    private readonly string _database = $"test_{Guid.CreateVersion7():N}";
    private readonly List<ServiceProcess> _nodes = [];
    private readonly List<Visitor> _visitors = [];
    private string _connectionString = "";
    private int _products;

    /// <summary>How nodes are started.</summary>
    protected virtual string[] Arguments => [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _connectionString = await server.CreateDatabaseAsync(_database);

    /// <summary>Somebody with a browser of their own. The first asks for a node, so that none is started where there is no browser.</summary>
    /// <param name="name">Who they are; null when they have not said so yet.</param>
    /// <param name="node">Which node they use.</param>
    /// <param name="width">How wide their screen is.</param>
    /// <param name="dark">They like it dark.</param>
    public async Task<Visitor> VisitorAsync(string? name, int node = 0, int width = 1_200, bool dark = false)
    {
        var browser = chromium.Browser;
        var address = (await NodeAsync(node)).Client.BaseAddress!;
        var visitor = await Visitor.OpenAsync(browser, address, name, width, dark);
        _visitors.Add(visitor);
        return visitor;
    }

    /// <summary>A node, started when it is asked for.</summary>
    public async Task<ServiceProcess> NodeAsync(int node)
    {
        while (_nodes.Count <= node)
        {
            _nodes.Add(await ServiceProcess.StartAsync(_connectionString, Arguments));
        }

        return _nodes[node];
    }

    /// <summary>A new product; its SKU is no other's.</summary>
    public async Task<string> ProductAsync(string name, int onHand)
    {
        var sku = $"B-{Interlocked.Increment(ref _products):D4}";
        await SendAsync(HttpMethod.Post, "/products", new { sku, name, initialQuantity = onHand });
        return sku;
    }

    /// <summary>Sells as another program would, without a page.</summary>
    public Task<JsonObject> SellAsync(string sku, int units, string actor = "shop", int node = 0) =>
        SendAsync(HttpMethod.Post, $"/products/sku:{sku}/adjustments", new { delta = -units, reason = "sale" }, actor, node: node);

    /// <summary>Sends a command.</summary>
    public async Task<JsonObject> SendAsync(HttpMethod method, string path, object body, string actor = "shop", int node = 0, int? seenVersion = null)
    {
        _ = chromium.Browser;
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        Identify(request, actor);
        if (seenVersion is { } seen)
        {
            request.Headers.Add("Seen-Version", $"{seen}");
        }

        using var answer = await (await NodeAsync(node)).Client.SendAsync(request, Cancellation);
        var json = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
        Assert.True(answer.IsSuccessStatusCode, json.ToJsonString());
        return json;
    }

    /// <summary>Reads exactly.</summary>
    public async Task<JsonObject> ReadAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        Identify(request, "shop");
        using var answer = await (await NodeAsync(0)).Client.SendAsync(request, Cancellation);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
    }

    /// <summary>Ends every visit of a test, and fails when a browser had something to complain about.</summary>
    public async Task CloseAsync()
    {
        var visitors = _visitors.ToList();
        _visitors.Clear();
        foreach (var visitor in visitors)
        {
            await visitor.CloseAsync();
        }

        Assert.Empty(visitors.SelectMany(visitor => visitor.Complaints));
    }

    /// <summary>Says in a request who sends it.</summary>
    protected virtual void Identify(HttpRequestMessage request, string actor)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Headers.Add("Actor", actor);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await server.DropDatabaseAsync(_database);
    }
}

/// <summary>The same with authentication configured.</summary>
public sealed class GuardedShop(DatabaseServer server, Chromium chromium) : Shop(server, chromium)
{
    protected override string[] Arguments => [.. TokenIssuer.Settings.Select(setting => $"--{setting.Key}={setting.Value}")];

    protected override void Identify(HttpRequestMessage request, string actor)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Headers.Add("Authorization", $"Bearer {TokenIssuer.Token("inventory.write", subject: actor)}");
    }
}
