using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.Tests.Hosting;
using Npgsql;

namespace Inventory.Tests.Processes;

public sealed class KilledService(DatabaseServer server)
{
    [Fact]
    public async Task A_killed_service_has_lost_nothing_it_acknowledged_and_starts_again()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var connectionString = await server.CreateDatabaseAsync("test_killed_service");
        var acknowledged = new ConcurrentDictionary<string, long>();
        var sent = 0;
        await using (var service = await ServiceProcess.StartAsync(connectionString))
        {
            await service.Client.PostAsJsonAsync("/products", new { sku = "K-1", name = "Kept", initialQuantity = 0 }, cancellation);

            var callers = Enumerable.Range(0, 8).Select(async _ =>
            {
                try
                {
                    while (true)
                    {
                        var reference = $"R-{Interlocked.Increment(ref sent)}";
                        using var answer = await service.Client.PostAsJsonAsync(
                            "/products/sku:K-1/adjustments", new { delta = 1, reason = "receipt", reference }, cancellation);
                        var body = await answer.Content.ReadFromJsonAsync<JsonObject>(cancellation);
                        acknowledged[reference] = body!["version"]!.GetValue<long>();
                    }
                }
                catch (HttpRequestException)
                {
                    // The service is gone.
                }
            }).ToArray();
            while (acknowledged.Count < 100)
            {
                await Task.Delay(5, cancellation);
            }

            await service.KillAsync();
            await Task.WhenAll(callers);
        }

        await using var again = await ServiceProcess.StartAsync(connectionString);
        var product = await again.Client.GetFromJsonAsync<JsonObject>("/products/sku:K-1", cancellation);
        var stored = await StoredAsync(connectionString, cancellation);

        Assert.All(acknowledged, pair => Assert.Equal(pair.Value, Assert.Single(stored, e => e.Reference == pair.Key).Version));
        Assert.Equal(stored.Count, stored.Select(e => e.Reference).Distinct().Count());
        Assert.InRange(stored.Count, acknowledged.Count, sent);
        Assert.Equal((stored.Count, stored.Count + 1), (product!["onHand"]!.GetValue<int>(), product["version"]!.GetValue<int>()));
    }

    private static async Task<List<(string Reference, long Version)>> StoredAsync(string connectionString, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(
            "select data ->> 'reference', version from inventory.mt_events where type = 'stock_adjusted' order by version", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<(string, long)>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return rows;
    }
}
