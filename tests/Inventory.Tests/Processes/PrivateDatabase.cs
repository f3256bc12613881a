using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Inventory.Tests.Processes;

/// <summary>The service with a private server, and what happens when it is killed.</summary>
public sealed class PrivateDatabase : IDisposable
{
    private readonly string _parent = Path.Combine(Path.GetTempPath(), $"inventory-own-{Guid.CreateVersion7():N}");

    private string[] Settings => ["--LocalPostgres:DataFolder", Path.Combine(_parent, "postgres")];

    [Fact]
    public async Task A_killed_parent_leaves_a_server_that_the_next_start_takes_over_and_stops()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using (var first = await ServiceProcess.StartAsync("", Settings))
        {
            Assert.Contains("was started: 127.0.0.1:", first.Output, StringComparison.Ordinal);
            var created = await first.Client.PostAsJsonAsync(
                "/products", new { sku = "KEPT", name = "Kept", initialQuantity = 7 }, cancellation);
            Assert.Equal(201, (int)created.StatusCode);
            await first.KillAsync();
        }

        var record = await File.ReadAllLinesAsync(Path.Combine(_parent, "postgres", "data", "postmaster.pid"), cancellation);
        await using (var second = await ServiceProcess.StartAsync("", Settings))
        {
            Assert.Contains($"was left running and is taken over: 127.0.0.1:{record[3].Trim()}", second.Output, StringComparison.Ordinal);
            var product = await second.Client.GetFromJsonAsync<JsonObject>("/products/sku:KEPT", cancellation);
            Assert.Equal(7, product!["onHand"]!.GetValue<int>());
            await second.StopAsync();
        }

        Assert.False(File.Exists(Path.Combine(_parent, "postgres", "data", "postmaster.pid")), "The server should have been stopped.");
    }

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
