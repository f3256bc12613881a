using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Inventory.Slices.Hosting;
using Inventory.Slices.Integration;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Inventory.Tests.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Wolverine.Persistence.Durability;
using Wolverine.Persistence.Durability.DeadLetterManagement;

namespace Inventory.Tests.Integration;

public sealed class WebhookScenarios(ServiceWithAShop service) : IClassFixture<ServiceWithAShop>
{
    [Fact]
    public async Task A_receiver_that_fails_twice_gets_the_fact_with_a_valid_signature_and_then_no_more()
    {
        var id = await service.LowAtAsync(5, onHand: 7);
        service.Failures[id] = 3;

        await service.AdjustAsync(id, -2);
        await service.AdjustAsync(id, -1);
        await ServiceWithAShop.UntilAsync(() => service.Of(id).Count >= 3);
        await SettledAsync();

        var came = service.Of(id);
        Assert.Equal(3, came.Count);
        Assert.Equal([$"{id}/3/StockLow"], came.Select(one => one.Id).Distinct());
        Assert.All(came, one => Assert.Equal(
            "v1," + Convert.ToBase64String(HMACSHA256.HashData(ServiceWithAShop.Key, Encoding.UTF8.GetBytes($"{one.Id}.{one.Timestamp}.{one.Body}"))), one.Signature));
        var told = JsonNode.Parse(came[0].Body)!;
        Assert.Equal(("StockLow", 5, id), (told["type"]!.GetValue<string>(), told["data"]!["product"]!["available"]!.GetValue<int>(), told["data"]!["product"]!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_dead_receivers_facts_become_dead_letters_and_are_delivered_when_they_are_replayed()
    {
        var id = await service.LowAtAsync(5, onHand: 6);
        service.Failures[id] = 1_000;

        await service.AdjustAsync(id, -1);
        var letters = service.Host.Services.GetRequiredService<IMessageStore>().DeadLetters;
        var mine = new List<DeadLetterEnvelope>();
        await ServiceWithAShop.UntilAsync(async () => (mine = [.. (await letters.QueryAsync(
            new() { MessageType = "deliver-webhook", Replayable = false }, TestContext.Current.CancellationToken)).Envelopes]).Count > 0);
        Assert.Equal(3, service.Of(id).Count);
        Assert.Contains("“shop” answered 500", Assert.Single(mine).ExceptionMessage, StringComparison.Ordinal);

        service.Failures[id] = 0;
        Assert.Contains("“shop” answered 500", await RunAsync("webhooks", "list"), StringComparison.Ordinal);
        Assert.Contains("1 deliveries will be made again", await RunAsync("webhooks", "replay", "--id", mine[0].Id.ToString()), StringComparison.Ordinal);
        Assert.Contains("No delivery was given up", await RunAsync("webhooks", "list"), StringComparison.Ordinal);
        await ServiceWithAShop.UntilAsync(() => service.Of(id).Count >= 4);

        Assert.Equal([$"{id}/3/StockLow"], service.Of(id).Select(one => one.Id).Distinct());
    }

    [Fact]
    public async Task A_crossing_within_one_commit_of_many_commands_is_told_once()
    {
        var id = await service.LowAtAsync(30, onHand: 64);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => service.AdjustAsync(id, -1)));
        await ServiceWithAShop.UntilAsync(() => service.Of(id).Count >= 2);
        await SettledAsync();

        Assert.Equal(["StockDepleted", "StockLow"], service.Of(id).Select(one => one.Id.Split('/')[2]).Order());
    }

    [Fact]
    public async Task A_commit_that_loses_its_race_tells_nothing_and_the_one_that_wins_tells_once()
    {
        var id = await service.LowAtAsync(5, onHand: 7);
        service.Race.Stage(() => service.AppendAsync(Guid.Parse(id), new StockAdjusted(10, "receipt", null)));

        await service.AdjustAsync(id, -2); // Low at first, and not any more when it is decided again.
        await service.AdjustAsync(id, -10);
        await ServiceWithAShop.UntilAsync(() => service.Of(id).Count >= 1);
        await SettledAsync();

        Assert.Equal([$"{id}/5/StockLow"], service.Of(id).Select(one => one.Id));
    }

    [Theory]
    [InlineData("Url", "http://example.org/facts", "https, or http on loopback")]
    [InlineData("Secret", "secret", "openssl rand -base64 32")]
    [InlineData("Name", "", "needs a Name")]
    [InlineData("Types:0", "StockLows", "There are StockDepleted")]
    public void A_receiver_that_makes_no_sense_is_told(string setting, string value, string advice)
    {
        var endpoint = new Inventory.Slices.Integration.WebhookEndpoint { Name = "shop", Url = new("https://shop.example/facts"), Secret = "whsec_" + Convert.ToBase64String(new byte[32]) };
        Assert.Null(endpoint.Fault());
        switch (setting)
        {
            case "Url": endpoint.Url = new(value); break;
            case "Secret": endpoint.Secret = value; break;
            case "Name": endpoint.Name = value; break;
            default: endpoint.Types.Add(value); break;
        }

        Assert.Contains(advice, endpoint.Fault()!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://hooks example/a-secret-in-the-path")]
    [InlineData("https://:443/a-secret-in-the-path")]
    public void An_address_that_is_none_is_told_without_being_repeated(string url)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Webhooks:Endpoints:0:Url"] = url }).Build();

        var refused = Assert.Throws<StartRefusedException>(() => WebhookOptions.Read(settings));

        Assert.Contains("Webhooks:Endpoints:0:Url is no address", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", refused.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Runs a verb beside the service, and gives what it printed.</summary>
    private async Task<string> RunAsync(params string[] verb)
    {
        using var process = new Process { StartInfo = ServiceProcess.Command(verb) };
        process.StartInfo.Environment["ConnectionStrings__Inventory"] = service.Host.Services.GetRequiredService<IConfiguration>()["ConnectionStrings:Inventory"];
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (process.ExitCode, await errors));
        return await output;
    }

    /// <summary>Another product's fact, sent after everything before it, has arrived.</summary>
    private async Task SettledAsync()
    {
        var last = await service.LowAtAsync(5, onHand: 6);
        await service.AdjustAsync(last, -1);
        await ServiceWithAShop.UntilAsync(() => service.Of(last).Count > 0);
    }
}
