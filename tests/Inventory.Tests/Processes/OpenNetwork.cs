using System.Net;
using System.Text.RegularExpressions;
using Inventory.Tests.Architecture;
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

    [Fact]
    public async Task On_the_private_network_of_the_compose_file_it_answers_to_the_names_of_the_proxys_address_only()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var names = Regex.Match(await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "docker-compose.yml"), cancellation), "AllowedHosts: (.+)").Groups[1].Value;
        Assert.NotEmpty(names);
        await using var node = await ServiceProcess.StartAsync(
            await server.CreateDatabaseAsync("test_private_network"), "--Listening:PrivateNetwork=true", $"--AllowedHosts={names}");

        Assert.Equal(HttpStatusCode.OK, await AskAsync("localhost:8080"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("127.0.0.1:8080"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("[::1]:8080"));
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync("rebound.example:8080"));

        async Task<HttpStatusCode> AskAsync(string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/products") { Headers = { Host = host } };
            using var answer = await node.Client.SendAsync(request, cancellation);
            return answer.StatusCode;
        }
    }
}
