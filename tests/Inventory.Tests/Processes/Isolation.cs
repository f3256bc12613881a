using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Processes;

/// <summary>What many callers do to some products costs those of other products no more than as many single sales.</summary>
public sealed class Isolation(DatabaseServer server)
{
    private const int Callers = 300;
    private const int Samples = 31;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_hundred_orders_on_two_products_do_not_slow_down_a_third()
    {
        await using var service = await ServiceProcess.StartAsync(await server.CreateDatabaseAsync("test_isolation"));
        var products = new List<Guid>();
        for (var n = 0; n < 3; n++)
        {
            products.Add(await ProductAsync(service, $"ISOLATED-{n}"));
        }

        // Once before, so that neither pays for what is made at the first call.
        await BesideAsync(service, products[2], n => SaleAsync(service, products[n % 2]), samples: 3);
        await BesideAsync(service, products[2], _ => OrderAsync(service, products), samples: 3);
        var sales = await BesideAsync(service, products[2], n => SaleAsync(service, products[n % 2]), Samples);
        var orders = await BesideAsync(service, products[2], _ => OrderAsync(service, products), Samples);

        TestContext.Current.SendDiagnosticMessage($"beside sales {sales}, beside orders {orders}");
        Assert.True(orders.Read <= 3 * sales.Read, $"A read took {orders.Read:0} ms beside orders and {sales.Read:0} beside sales.");
        Assert.True(orders.Sale <= 3 * sales.Sale, $"A sale took {orders.Sale:0} ms beside orders and {sales.Sale:0} beside sales.");
    }

    /// <summary>The median of a read and of a sale of a product, in milliseconds, while others do something again and again.</summary>
    private static async Task<(double Read, double Sale)> BesideAsync(
        ServiceProcess service, Guid product, Func<int, Task> work, int samples)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var done = 0;
        var others = Enumerable.Range(0, Callers).Select(n => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                await work(n);
                Interlocked.Increment(ref done);
            }
        }, Cancellation)).ToList();
        while (Volatile.Read(ref done) < Callers / 2)
        {
            await Task.Delay(10, Cancellation);
        }

        var (reads, sales) = (new List<double>(), new List<double>());
        for (var n = 0; n < samples; n++)
        {
            reads.Add(await MeasureAsync(async () =>
            {
                using var read = await service.Client.GetAsync(new Uri($"/products/{product}", UriKind.Relative), Cancellation);
                Assert.True(read.IsSuccessStatusCode, $"{read.StatusCode}");
            }));
            sales.Add(await MeasureAsync(() => SaleAsync(service, product, mustSucceed: true)));
        }

        await end.CancelAsync();
        await Task.WhenAll(others);
        return (Median(reads), Median(sales));
    }

    private static async Task<double> MeasureAsync(Func<Task> call)
    {
        var began = Stopwatch.GetTimestamp();
        await call();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static double Median(List<double> all) => all.Order().ElementAt(all.Count / 2);

    private static async Task<Guid> ProductAsync(ServiceProcess service, string sku)
    {
        using var made = await service.Client.PostAsJsonAsync(
            "/products", new { sku, name = "Isolated", initialQuantity = 1_000_000 }, Cancellation);
        return (await made.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["productId"]!.GetValue<Guid>();
    }

    private static async Task SaleAsync(ServiceProcess service, Guid product, bool mustSucceed = false)
    {
        using var sold = await service.Client.PostAsJsonAsync(
            $"/products/{product}/adjustments", new { delta = -1, reason = "sale" }, Cancellation);
        Assert.True(!mustSucceed || sold.IsSuccessStatusCode, $"{sold.StatusCode}");
    }

    private static async Task OrderAsync(ServiceProcess service, IReadOnlyList<Guid> products)
    {
        var lines = products.Take(2).Select(productId => new { productId, delta = -1 });
        using var ordered = await service.Client.PostAsJsonAsync("/adjustments", new { lines, reason = "order" }, Cancellation);
        Assert.True(ordered.IsSuccessStatusCode || (int)ordered.StatusCode == 503, $"{ordered.StatusCode}");
    }
}
