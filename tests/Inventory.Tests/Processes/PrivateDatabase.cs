using System.Diagnostics;
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

    [Fact]
    public async Task A_database_that_is_gone_is_called_that_and_nothing_was_written()
    {
        var cancellation = TestContext.Current.CancellationToken;
        string path;
        await using (var service = await ServiceProcess.StartAsync("", Settings))
        {
            var created = await service.Client.PostAsJsonAsync(
                "/products", new { sku = "KEPT", name = "Kept", initialQuantity = 7 }, cancellation);
            path = created.Headers.Location!.ToString();

            // SIGQUIT: PostgreSQL ends at once, as in a crash.
            var record = await File.ReadAllLinesAsync(Path.Combine(_parent, "postgres", "data", "postmaster.pid"), cancellation);
            using var kill = Process.Start("kill", ["-QUIT", record[0]]);
            await kill.WaitForExitAsync(cancellation);

            // Answers while the server is going down may still come from it; the first failure is what is looked at.
            HttpResponseMessage read;
            do
            {
                read = await service.Client.GetAsync(new Uri(path, UriKind.Relative), cancellation);
            }
            while (read.IsSuccessStatusCode);
            Assert.Equal((503, "/problems/unavailable"), ((int)read.StatusCode, await ProblemAsync(read)));
            var write = await service.Client.PostAsJsonAsync(path + "/adjustments", new { delta = -1, reason = "sale" }, cancellation);
            Assert.Equal((503, "/problems/unavailable"), ((int)write.StatusCode, await ProblemAsync(write)));
        }

        await using var again = await ServiceProcess.StartAsync("", Settings);
        var product = await again.Client.GetFromJsonAsync<JsonObject>(path, cancellation);
        Assert.Equal(7, product!["onHand"]!.GetValue<int>());
        await again.StopAsync();

        async Task<string> ProblemAsync(HttpResponseMessage answer) =>
            (await answer.Content.ReadFromJsonAsync<JsonObject>(cancellation))!["type"]!.GetValue<string>();
    }

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
