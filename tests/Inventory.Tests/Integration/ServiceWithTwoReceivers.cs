using System.Collections.Concurrent;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Inventory.Tests.Integration;

/// <summary>A service that tells a shop and a warehouse. The warehouse is as well as a test wants it.</summary>
public class ServiceWithTwoReceivers(DatabaseServer server) : ServiceWithAShop(server)
{
    /// <summary>The name of the receiver that is as well as a test wants it.</summary>
    public const string Warehouse = "Warehouse (North)";

    private readonly CancellationTokenSource _end = new();
    private int _ended;

    /// <summary>How the warehouse answers; by default it does not.</summary>
    public Func<HttpContext, Task<IResult>>? Answer { get; set; }

    /// <summary>The ids of the facts that came to the warehouse, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>How many requests to the warehouse have ended, one way or the other.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>How long a receiver may take.</summary>
    protected virtual string Timeout => "00:01:00";

    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync(); // The service waits for the deliveries that are under way.
        await base.DisposeAsync();
        _end.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override void Map(WebApplication shop) => shop.MapPost("/warehouse", async (HttpContext http) =>
    {
        Asked.Enqueue(http.Request.Headers["webhook-id"].ToString());
        try
        {
            return await (Answer ?? HangAsync)(http);
        }
        finally
        {
            Interlocked.Increment(ref _ended);
        }
    });

    protected override void Configure(IWebHostBuilder builder)
    {
        base.Configure(builder);
        builder.UseSetting("Webhooks:Endpoints:1:Name", Warehouse);
        builder.UseSetting("Webhooks:Endpoints:1:Url", $"{ShopAddress}/warehouse");
        builder.UseSetting("Webhooks:Endpoints:1:Secret", "whsec_" + Convert.ToBase64String(Key));
        builder.UseSetting("Webhooks:Timeout", Timeout);
    }

    private async Task<IResult> HangAsync(HttpContext http)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _end.Token);
        await Task.Delay(System.Threading.Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Results.Ok();
    }
}
