namespace Inventory.Slices.Hosting;

/// <summary>What reading from asynchronous projections needs.</summary>
public static class ProjectionsModule
{
    /// <summary>Registers it.</summary>
    public static IServiceCollection AddProjectedReads(this IServiceCollection services)
    {
        services.AddSingleton<ProjectedReads>();
        services.AddSingleton<StoreSignals>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreSignals>());
        services.AddHostedService<StoppedProjections>();
        services.AddSingleton<ListedVersions>();
        services.AddSingleton<ProjectedAnswer>();
        services.AddHostedService(provider => provider.GetRequiredService<ListedVersions>());
        return services;
    }
}
