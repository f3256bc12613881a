using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wolverine.Runtime;

namespace Inventory.Tests.Integration;

/// <summary>Each receiver of webhooks has a line of its own.</summary>
public sealed class ReceiverLineScenarios(ServiceWithTwoReceivers service) : IClassFixture<ServiceWithTwoReceivers>
{
    private const int Facts = 30;

    [Fact]
    public async Task A_receiver_that_hangs_delays_no_other()
    {
        var id = await service.LowAtAsync(5, onHand: 6);

        for (var n = 0; n < Facts; n++)
        {
            await service.AdjustAsync(id, -1);
            await service.AdjustAsync(id, 1);
        }

        await ServiceWithAShop.UntilAsync(() => service.Of(id).Count == Facts || service.Ended > 0);

        // Not one of them waited for an answer that did not come.
        Assert.Equal((Facts, 0), (service.Of(id).Count, service.Ended));
        Assert.NotEmpty(service.Asked);

        // Whatever waits is taken over by others when this node dies.
        var node = service.Host.Services.GetRequiredService<IWolverineRuntime>().DurabilitySettings.AssignedNodeNumber;
        await using var waiting = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select status, owner_id, count(*) from messages.wolverine_incoming_envelopes where received_at like '%webhooks-warehouse%' group by 1, 2");
        await using var row = await waiting.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await row.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("Incoming", node, (long)Facts), (row.GetString(0), row.GetInt32(1), row.GetInt64(2)));
    }
}
