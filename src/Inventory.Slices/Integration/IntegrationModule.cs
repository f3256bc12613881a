using Inventory.Slices.Products;
using Wolverine;
using Wolverine.ErrorHandling;

namespace Inventory.Slices.Integration;

/// <summary>How the world outside learns of facts.</summary>
public static class IntegrationModule
{
    /// <summary>Registers the sending of webhooks.</summary>
    public static IServiceCollection AddIntegration(this IServiceCollection services)
    {
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        // A receiver says where it is in the configuration; it does not send the service anywhere else.
        // Some have their secret in the path of their address, and the client's own log tells the whole address of every request.
        services.AddHttpClient(DeliverWebhookHandler.Client)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false })
            .RemoveAllLoggers();
        services.AddSingleton<ReceiverLines>();
        return services;
    }

    /// <summary>Keeps facts and deliveries in the database until they are done, and tries failed deliveries again.</summary>
    public static void UseIntegration(this WolverineOptions options, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        var webhooks = WebhookOptions.Read(configuration);
        options.LocalQueueFor<ProductFact>().UseDurableInbox();
        // Where deliveries waited before each receiver had a queue of its own.
        options.LocalQueueFor<DeliverWebhook>().UseDurableInbox();
        foreach (var endpoint in webhooks.Endpoints)
        {
            options.LocalQueue(ReceiverLines.QueueOf(endpoint.Name)).UseDurableInbox().MaximumParallelMessages(Math.Max(1, webhooks.AtOnceMax))
                .CustomizeOutgoing(delivery =>
                {
                    // What a transaction sends to a queue by its name is stored as if it were for another program, and would be forgotten
                    // when this node dies.
                    (delivery.Status, delivery.OwnerId) = (EnvelopeStatus.Incoming, options.Durability.AssignedNodeNumber);
                });
        }

        options.Policies.Add<ReceiverLines.KeepForgotten>();
        options.Policies.OnException<WebhookRefusedException>().MoveToErrorQueue();
        options.Policies.OnException<WebhookFailedException>().ScheduleRetry(webhooks.RetryDelaysInForce).Then.MoveToErrorQueue();
    }
}
