using Inventory.Tests.Hosting;

namespace Inventory.Tests.Processes;

public sealed class OpenNetwork(DatabaseServer server)
{
    [Fact]
    public async Task Without_authentication_the_service_refuses_to_listen_where_others_can_reach_it()
    {
        var database = await server.CreateDatabaseAsync("test_open_network");

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServiceProcess.StartAsync(database, "--urls", "http://0.0.0.0:0"));

        Assert.Contains("no authentication is configured", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Listening:PrivateNetwork=true", refusal.Message, StringComparison.Ordinal);
    }
}
