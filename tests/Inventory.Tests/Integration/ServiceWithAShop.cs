using System.Collections.Concurrent;
using System.Security.Cryptography;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Inventory.Tests.Integration;

/// <summary>A service that tells a shop on loopback, and the shop.</summary>
public class ServiceWithAShop(DatabaseServer server) : Service(server)
{
    private readonly WebApplication _shop = Shop();

    public static byte[] Key { get; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>What came, in order.</summary>
    public ConcurrentQueue<(string Id, string Timestamp, string Signature, string Body)> Received { get; } = [];

    /// <summary>In which trace a fact came (W3C Trace Context), by its id.</summary>
    public ConcurrentDictionary<string, string> TraceParents { get; } = [];

    /// <summary>How often the shop fails before it takes a fact about a product, by the product.</summary>
    public ConcurrentDictionary<string, int> Failures { get; } = [];

    /// <summary>The way to the shop: the path of its address.</summary>
    protected virtual string Path => "/facts";

    /// <summary>Where the shop is, without the way to it.</summary>
    protected string ShopAddress => _shop.Urls.Single();

    /// <summary>What came about a product, in order.</summary>
    public List<(string Id, string Timestamp, string Signature, string Body)> Of(string product) =>
        [.. Received.Where(one => one.Id.StartsWith(product, StringComparison.Ordinal))];

    /// <summary>A product that is low at so many units.</summary>
    public async Task<string> LowAtAsync(int reorderPoint, int onHand)
    {
        var id = await ProductAsync(onHand);
        await PutAsync($"/products/{id}/reorder-point", new { reorderPoint });
        return id.ToString();
    }

    /// <summary>Takes units out of a product, or puts some in.</summary>
    public async Task AdjustAsync(string id, int delta) =>
        Assert.Equal(200, (await PostAsync($"/products/{id}/adjustments", new { delta, reason = delta < 0 ? "sale" : "receipt" })).Status);

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public override async ValueTask InitializeAsync()
    {
        _shop.MapPost(Path, TakeAsync);
        Map(_shop);
        await _shop.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _shop.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Other receivers beside the shop.</summary>
    protected virtual void Map(WebApplication shop)
    {
    }

    protected override void Configure(IWebHostBuilder builder)
    {
        builder.UseSetting("Webhooks:Endpoints:0:Name", "shop");
        builder.UseSetting("Webhooks:Endpoints:0:Url", ShopAddress + Path);
        builder.UseSetting("Webhooks:Endpoints:0:Secret", "whsec_" + Convert.ToBase64String(Key));
        builder.UseSetting("Webhooks:RetryDelays:0", "00:00:00.01");
        builder.UseSetting("Webhooks:RetryDelays:1", "00:00:00.01");
    }

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        var id = request.Headers["webhook-id"].ToString();
        TraceParents[id] = request.Headers.TraceParent.ToString();
        Received.Enqueue((id, request.Headers["webhook-timestamp"].ToString(), request.Headers["webhook-signature"].ToString(), body));
        return Failures.AddOrUpdate(id.Split('/')[0], 0, (_, left) => left - 1) > 0 ? Results.StatusCode(500) : Results.Ok();
    }

    private static WebApplication Shop()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }
}
