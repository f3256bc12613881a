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
        services.AddHttpClient(DeliverWebhookHandler.Client).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
        return services;
    }

    /// <summary>Keeps facts and deliveries in the database until they are done, and tries failed deliveries again.</summary>
    public static void UseIntegration(this WolverineOptions options, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        var webhooks = new WebhookOptions();
        configuration.GetSection(WebhookOptions.Section).Bind(webhooks);
        options.LocalQueueFor<ProductFact>().UseDurableInbox();
        options.LocalQueueFor<DeliverWebhook>().UseDurableInbox();
        options.Policies.OnException<WebhookRefusedException>().MoveToErrorQueue();
        options.Policies.OnException<WebhookFailedException>().ScheduleRetry(webhooks.RetryDelaysInForce).Then.MoveToErrorQueue();
    }
}
