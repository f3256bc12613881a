using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Processes;

public sealed class TwoNodes(DatabaseServer server)
{
    private const int CallersEach = 64;
    private const int CallsEach = 10;
    private const int SameRequest = 50;

    [Fact]
    public async Task Two_nodes_on_one_product_lose_nothing_and_each_answers_for_the_other()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var database = await server.CreateDatabaseAsync("test_two_nodes");
        // At once, on an empty database: making the tables must not fail either of them.
        var nodes = await Task.WhenAll(ServiceProcess.StartAsync(database), ServiceProcess.StartAsync(database));
        await using var first = nodes[0];
        await using var second = nodes[1];
        var created = await Task.WhenAll(nodes.Select(node => node.Client.PostAsJsonAsync(
            "/products", new { sku = "HOT-2", name = "Hot", initialQuantity = 2_000 }, cancellation)));
        Assert.Equal([201, 409], created.Select(answer => (int)answer.StatusCode).Order());

        var answers = new ConcurrentDictionary<string, (int Node, int Status, string Body)>();
        await Task.WhenAll(Enumerable.Range(0, 2 * CallersEach).Select(async caller =>
        {
            for (var call = 0; call < CallsEach; call++)
            {
                var key = $"{caller}-{call}";
                var (status, body, _) = await SellAsync(nodes[caller % 2], key, cancellation);
                answers[key] = (caller % 2, status, body);
            }
        }));

        Assert.All(answers.Values, answer => Assert.Equal(200, answer.Status));
        const int Accepted = 2 * CallersEach * CallsEach;
        Assert.Equal(
            Enumerable.Range(2, Accepted).Select(v => (long)v),
            answers.Values.Select(answer => JsonNode.Parse(answer.Body)!["version"]!.GetValue<long>()).Order());

        // Each key once more, on the other node.
        await Parallel.ForEachAsync(answers, cancellation, async (answer, _) =>
            Assert.Equal((200, answer.Value.Body, true), await SellAsync(nodes[1 - answer.Value.Node], answer.Key, cancellation)));
        var product = await second.Client.GetFromJsonAsync<JsonObject>("/products/sku:HOT-2", cancellation);
        Assert.Equal((2_000 - Accepted, Accepted + 1), (product!["onHand"]!.GetValue<int>(), product["version"]!.GetValue<int>()));

        // And one request many times at once, to both.
        var same = await Task.WhenAll(Enumerable.Range(0, SameRequest).Select(async n =>
        {
            while (true)
            {
                var answer = await SellAsync(nodes[n % 2], "same", cancellation);
                if (answer.Status != 409)
                {
                    return answer;
                }

                Assert.Contains("/problems/request-in-flight", answer.Body, StringComparison.Ordinal);
                await Task.Delay(5, cancellation);
            }
        }));
        Assert.Single(same.Select(answer => (answer.Status, answer.Body)).Distinct());
        Assert.Single(same, answer => !answer.Replayed);
        Assert.Equal($"\"{Accepted + 2}\"", (await first.Client.GetAsync(new Uri("/products/sku:HOT-2", UriKind.Relative), cancellation)).Headers.ETag!.Tag);
    }

    private static async Task<(int Status, string Body, bool Replayed)> SellAsync(ServiceProcess node, string key, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/products/sku:HOT-2/adjustments");
        request.Content = JsonContent.Create(new { delta = -1, reason = "sale" });
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await node.Client.SendAsync(request, cancellation);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation), answer.Headers.Contains("Idempotency-Replayed"));
    }
}
