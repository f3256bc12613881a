namespace Inventory.Slices.Insight;

/// <summary>What following changes needs.</summary>
public static class LiveUpdatesModule
{
    /// <summary>Registers it.</summary>
    public static IServiceCollection AddLiveUpdates(this IServiceCollection services)
    {
        services.AddOptions<LiveUpdatesOptions>().BindConfiguration(LiveUpdatesOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LiveReaders>();
        services.AddSingleton<ProductWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<ProductWatch>());
        services.AddSingleton<FollowedProducts>();
        services.AddSingleton<ChangeFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFeed>());
        return services;
    }
}
