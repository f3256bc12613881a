using System.Diagnostics;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wolverine.Runtime;

namespace Inventory.Tests.Integration;

/// <summary>A service that does not wait long before it takes a message for stuck.</summary>
public sealed class ServiceThatGivesBackSoon(DatabaseServer server) : Service(server)
{
    protected override void Configure(IWebHostBuilder builder)
    {
        builder.UseSetting("StuckMessages:After", "00:00:01");
        builder.UseSetting("StuckMessages:LookEvery", "00:00:00.2");
    }
}

public sealed class StuckMessagesScenarios(ServiceThatGivesBackSoon service) : IClassFixture<ServiceThatGivesBackSoon>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_message_that_a_living_node_took_without_being_told_so_is_done_all_the_same()
    {
        var id = await service.ProductAsync(onHand: 10);
        var reserved = await service.PostAsync($"/products/{id}/reservations", new { quantity = 4, expiresInSeconds = 3_600 });
        var reservation = reserved["reservation"]!["id"]!.GetValue<string>();

        // What the database holds after a node took what is due, when the answer to that COMMIT was lost.
        var node = service.Host.Services.GetRequiredService<IWolverineRuntime>().DurabilitySettings.AssignedNodeNumber;
        await using (var take = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "update messages.wolverine_incoming_envelopes set status = 'Incoming', owner_id = $1, execution_time = now() where status = 'Scheduled'"))
        {
            take.Parameters.Add(new NpgsqlParameter<int> { TypedValue = node });
            Assert.Equal(1, await take.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        var status = "";
        for (var clock = Stopwatch.StartNew(); status != "expired" && clock.Elapsed < Patience; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            status = (await service.GetAsync($"/reservations/{reservation}"))["status"]!.GetValue<string>();
        }

        Assert.Equal("expired", status);
    }
}
