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
    }
}
