using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Processes;

public sealed class BarrierRace(DatabaseServer server)
{
    private const int Callers = 64;
    private const int CallsEach = 100;
    private const int Stock = 5_000;

    [Fact]
    public async Task Sixty_four_callers_drain_a_product_to_exactly_zero_and_nobody_sees_a_5xx()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var service = await ServiceProcess.StartAsync(await server.CreateDatabaseAsync("test_barrier_race"));
        var created = await service.Client.PostAsJsonAsync(
            "/products", new { sku = "HOT-1", name = "Hot", initialQuantity = Stock }, cancellation);
        Assert.Equal(201, (int)created.StatusCode);

        var statuses = new ConcurrentBag<int>();
        var versions = new ConcurrentBag<long>();
        using var barrier = new SemaphoreSlim(0);
        var callers = Enumerable.Range(0, Callers).Select(async _ =>
        {
            await barrier.WaitAsync(cancellation);
            for (var call = 0; call < CallsEach; call++)
            {
                using var answer = await service.Client.PostAsJsonAsync(
                    "/products/sku:HOT-1/adjustments", new { delta = -1, reason = "sale" }, cancellation);
                statuses.Add((int)answer.StatusCode);
                if (answer.IsSuccessStatusCode)
                {
                    versions.Add((await answer.Content.ReadFromJsonAsync<JsonObject>(cancellation))!["version"]!.GetValue<long>());
                }
            }
        }).ToArray();
        barrier.Release(Callers);
        await Task.WhenAll(callers);

        Assert.Equal(
            [(200, Stock), (422, (Callers * CallsEach) - Stock)],
            statuses.GroupBy(s => s).Select(g => (g.Key, g.Count())).OrderBy(g => g.Key));
        // The product was created at version 1; every accepted command has a version of its own, without a gap.
        Assert.Equal(Enumerable.Range(2, Stock).Select(v => (long)v), versions.Order());
        var product = await service.Client.GetFromJsonAsync<JsonObject>("/products/sku:HOT-1", cancellation);
        Assert.Equal((0, Stock + 1), (product!["onHand"]!.GetValue<int>(), product["version"]!.GetValue<int>()));
    }
}
