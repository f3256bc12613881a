using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>Adds the mechanism to a Wolverine + Marten service.</summary>
public static class ConflictsRegistration
{
    /// <summary>The section of the configuration that <see cref="ConflictOptions"/> are bound from.</summary>
    public const string Section = "Conflicts";

    /// <summary>Registers the sender, the gate and the options.</summary>
    public static IServiceCollection AddConflicts(this IServiceCollection services)
    {
        services.AddOptions<ConflictOptions>().BindConfiguration(Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StreamGate>();
        services.AddScoped<CommandSender>();
        services.AddScoped<Deciding>();
        services.AddSingleton<ILoggerFactory>(provider => new QuietLostRaces(new LoggerFactory(
            provider.GetServices<ILoggerProvider>(), provider.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>(),
            provider.GetRequiredService<IOptions<LoggerFactoryOptions>>())));
        return services;
    }

    /// <summary>Applies the declared policies to all handler chains.</summary>
    public static void UseConflictPolicies(this WolverineOptions options) => options.Policies.Add<ConflictPolicies>();
}
