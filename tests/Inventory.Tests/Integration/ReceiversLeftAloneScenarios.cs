using Inventory.Slices.Integration;
using Inventory.Slices.Products;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wolverine;
using Wolverine.Persistence.Durability;
using Wolverine.Runtime.Handlers;

namespace Inventory.Tests.Integration;

public sealed class ReceiversLeftAloneScenarios(ServiceThatLeavesReceiversAlone service) : IClassFixture<ServiceThatLeavesReceiversAlone>
{
    private const int Facts = 60;

    private static readonly string[] Alike = ["shop", "Shop", "shop!", "店"];

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_receiver_that_keeps_failing_is_left_alone_and_gets_everything_when_it_is_well_again()
    {
        service.Answer = _ => Task.FromResult(Results.StatusCode(500));
        var id = await service.LowAtAsync(5, onHand: 6);
        for (var n = 0; n < Facts; n++)
        {
            await service.AdjustAsync(id, -1);
            await service.AdjustAsync(id, 1);
        }

        // All of them wait in the database, most of them without having been tried.
        await ServiceWithAShop.UntilAsync(async () => await PutOffAsync() == Facts);
        Assert.Equal(Facts, service.Of(id).Count);
        Assert.InRange(service.Asked.Distinct().Count(), 1, Facts / 2);

        var before = service.Asked.Count;
        service.Answer = _ => Task.FromResult(Results.Ok());
        await ServiceWithAShop.UntilAsync(() => service.Asked.Skip(before).Distinct().Count(fact => fact.StartsWith($"{id}", StringComparison.Ordinal)) == Facts);
        await ServiceWithAShop.UntilAsync(async () => await PutOffAsync() == 0);

        // Others of this class ask with facts of their own.
        Assert.Equal(service.Of(id).Select(one => one.Id).Order(), service.Asked.Distinct().Where(fact => fact.StartsWith($"{id}", StringComparison.Ordinal)).Order());
        Assert.Empty((await service.Host.Services.GetRequiredService<IMessageStore>().DeadLetters.QueryAsync(
            new() { MessageType = DeliverWebhook.MessageType }, _cancellation)).Envelopes);
    }

    [Fact]
    public async Task What_was_tried_before_a_delivery_was_put_off_counts()
    {
        var store = service.Host.Services.GetRequiredService<IMessageStore>();
        var delivery = new DeliverWebhook(ServiceWithTwoReceivers.Warehouse, Fact("counted"), Tried: 20);
        service.Answer = _ => Task.FromResult(Results.StatusCode(500));

        await SendAsync(delivery);

        await ServiceWithAShop.UntilAsync(async () => await DeadLetterAsync(store, "answered 500") > 0);
        Assert.Equal(1, service.Asked.Count(id => id == delivery.Fact.Id));
        await store.DeadLetters.DiscardAsync(new() { MessageType = DeliverWebhook.MessageType }, _cancellation);
    }

    [Fact]
    public async Task A_delivery_for_a_receiver_that_is_not_configured_any_more_becomes_a_dead_letter_and_is_forgotten_otherwise()
    {
        var store = service.Host.Services.GetRequiredService<IMessageStore>();

        await SendAsync(new DeliverWebhook("closed", Fact("for-the-closed")));

        await ServiceWithAShop.UntilAsync(async () => await DeadLetterAsync(store, "No receiver “closed”") > 0);
        await using var waiting = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select count(*) from messages.wolverine_incoming_envelopes where status <> 'Handled' and received_at like '%webhooks-closed%'");
        Assert.Equal(0L, await waiting.ExecuteScalarAsync(_cancellation));
        await store.DeadLetters.DiscardAsync(new() { MessageType = DeliverWebhook.MessageType }, _cancellation);
    }

    [Fact]
    public void A_delivery_has_more_time_than_its_receiver_may_take()
    {
        var handlers = service.Host.Services.GetRequiredService<HandlerGraph>();
        Assert.NotNull(handlers.HandlerFor<DeliverWebhook>()); // A chain is set up when its handler is first asked for.
        Assert.InRange(handlers.ChainFor<DeliverWebhook>()!.ExecutionTimeoutInSeconds ?? 0, 61, int.MaxValue);
    }

    [Fact]
    public void Receivers_whose_names_look_alike_in_the_name_of_a_queue_have_different_ones() =>
        Assert.Equal(4, Alike.Select(ReceiverLines.QueueOf).Distinct().Count());

    private static ProductFact Fact(string id) => new(
        id, ProductFact.StockLow, DateTimeOffset.UnixEpoch, "somebody", new ProductView(Guid.Empty, "W-1", "Widget", 1, 0, 1, 1, false, 1), null);

    private static async Task<int> DeadLetterAsync(IMessageStore store, string why) =>
        (await store.DeadLetters.QueryAsync(new() { MessageType = DeliverWebhook.MessageType }, TestContext.Current.CancellationToken)).Envelopes
            .Count(letter => letter.ExceptionMessage?.Contains(why, StringComparison.Ordinal) is true);

    private async Task SendAsync(DeliverWebhook delivery)
    {
        await using var scope = service.Host.Services.CreateAsyncScope();
        var queue = new Uri($"local://{ReceiverLines.QueueOf(delivery.Endpoint)}");
        await scope.ServiceProvider.GetRequiredService<IMessageBus>().EndpointFor(queue).SendAsync(delivery);
    }

    private async Task<long> PutOffAsync()
    {
        await using var waiting = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select count(*) from messages.wolverine_incoming_envelopes where status = 'Scheduled' and received_at like '%webhooks-warehouse%'");
        return (long)(await waiting.ExecuteScalarAsync(_cancellation))!;
    }
}
