using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Processes;

public sealed class TwoNodes(DatabaseServer server)
{
    private const int CallersEach = 8;
    private const int CallsEach = 25;

    [Fact]
    public async Task Two_nodes_on_one_product_lose_nothing_and_answer_no_5xx()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var database = await server.CreateDatabaseAsync("test_two_nodes");
        // At once, on an empty database: making the tables must not fail either of them.
        var nodes = await Task.WhenAll(ServiceProcess.StartAsync(database), ServiceProcess.StartAsync(database));
        await using var first = nodes[0];
        await using var second = nodes[1];
        var created = await Task.WhenAll(nodes.Select(node => node.Client.PostAsJsonAsync(
            "/products", new { sku = "HOT-2", name = "Hot", initialQuantity = 1_000 }, cancellation)));
        Assert.Equal([201, 409], created.Select(answer => (int)answer.StatusCode).Order());

        var versions = new ConcurrentBag<long>();
        var failures = new ConcurrentBag<string>();
        var callers = nodes.SelectMany(node => Enumerable.Repeat(node, CallersEach)).Select(async node =>
        {
            for (var call = 0; call < CallsEach; call++)
            {
                using var answer = await node.Client.PostAsJsonAsync(
                    "/products/sku:HOT-2/adjustments", new { delta = -1, reason = "sale" }, cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    versions.Add((await answer.Content.ReadFromJsonAsync<JsonObject>(cancellation))!["version"]!.GetValue<long>());
                }
                else
                {
                    failures.Add(await answer.Content.ReadAsStringAsync(cancellation));
                }
            }
        });
        await Task.WhenAll(callers);

        Assert.Empty(failures);
        const int Accepted = 2 * CallersEach * CallsEach;
        Assert.Equal(Enumerable.Range(2, Accepted).Select(v => (long)v), versions.Order());
        var product = await second.Client.GetFromJsonAsync<JsonObject>("/products/sku:HOT-2", cancellation);
        Assert.Equal((1_000 - Accepted, Accepted + 1), (product!["onHand"]!.GetValue<int>(), product["version"]!.GetValue<int>()));
    }
}
