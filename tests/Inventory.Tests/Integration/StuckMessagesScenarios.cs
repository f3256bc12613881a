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

/// <summary>The same, with a receiver of webhooks that hangs: its deliveries wait.</summary>
public sealed class ServiceThatIsBusyDelivering(DatabaseServer server) : ServiceWithTwoReceivers(server)
{
    protected override void Configure(IWebHostBuilder builder)
    {
        base.Configure(builder);
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

public sealed class StuckBehindOthersScenarios(ServiceThatIsBusyDelivering service) : IClassFixture<ServiceThatIsBusyDelivering>
{
    private const int Facts = 20;

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stuck_message_is_found_behind_any_number_that_wait_in_a_queue_that_has_work()
    {
        var id = await service.LowAtAsync(5, onHand: 6);
        var reserved = await service.PostAsync($"/products/{id}/reservations", new { quantity = 1, expiresInSeconds = 3_600 });
        var reservation = reserved["reservation"]!["id"]!.GetValue<string>();
        for (var n = 0; n < Facts; n++)
        {
            await service.AdjustAsync(id, 1);
            await service.AdjustAsync(id, -1);
        }

        await ServiceWithAShop.UntilAsync(() => !service.Asked.IsEmpty);
        await using var stuck = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            with due as (
              update messages.wolverine_incoming_envelopes
              set status = 'Incoming', owner_id = $1, execution_time = now(), id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
              where status = 'Scheduled' and message_type <> 'deliver-webhook' returning *),
            busy as (
              select received_at from messages.wolverine_incoming_envelopes
              where status = 'Incoming' and message_type = 'deliver-webhook' group by received_at order by count(*) desc limit 1)
            insert into messages.wolverine_incoming_envelopes (id, status, owner_id, attempts, body, message_type, received_at)
            select ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'Incoming', $1, 1, due.body, due.message_type, busy.received_at
            from due, busy, generate_series(1, 1500) n
            """);
        stuck.Parameters.Add(new NpgsqlParameter<int>
        {
            TypedValue = service.Host.Services.GetRequiredService<IWolverineRuntime>().DurabilitySettings.AssignedNodeNumber,
        });
        Assert.Equal(1_500, await stuck.ExecuteNonQueryAsync(_cancellation));

        var status = "";
        while (status != "expired" && service.Ended == 0)
        {
            await Task.Delay(50, _cancellation);
            status = (await service.GetAsync($"/reservations/{reservation}"))["status"]!.GetValue<string>();
        }

        // As long as nobody has been answered, the queue has work.
        Assert.Equal("expired", status);
    }
}
