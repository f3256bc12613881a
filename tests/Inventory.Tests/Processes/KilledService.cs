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

            var callers = Enumerable.Range(0, 64).Select(async _ =>
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
            while (acknowledged.Count < 500)
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

    [Fact]
    public async Task A_service_that_is_stopped_under_load_finishes_what_it_has_taken()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var connectionString = await server.CreateDatabaseAsync("test_stopped_service");
        var statuses = new ConcurrentBag<int>();
        var cutOff = 0;
        await using (var service = await ServiceProcess.StartAsync(connectionString))
        {
            await service.Client.PostAsJsonAsync("/products", new { sku = "K-1", name = "Kept", initialQuantity = 0 }, cancellation);
            var callers = Enumerable.Range(0, 32).Select(async caller =>
            {
                for (var call = 0; ; call++)
                {
                    try
                    {
                        using var answer = await service.Client.PostAsJsonAsync(
                            "/products/sku:K-1/adjustments", new { delta = 1, reason = "receipt", reference = $"{caller}-{call}" }, cancellation);
                        statuses.Add((int)answer.StatusCode);
                    }
                    catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
                    {
                        return; // It listens no more.
                    }
                    catch (HttpRequestException)
                    {
                        Interlocked.Increment(ref cutOff);
                        return;
                    }
                }
            }).ToArray();
            while (statuses.Count < 200)
            {
                await Task.Delay(5, cancellation);
            }

            await service.StopAsync();
            await Task.WhenAll(callers);
        }

        var stored = await StoredAsync(connectionString, cancellation);
        Assert.All(statuses, status => Assert.Equal(200, status));
        // A connection that was idle may be closed while a request is on its way; such a request was not taken.
        Assert.InRange(stored.Count, statuses.Count, statuses.Count + cutOff);
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
