using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>Adds the mechanism to a Wolverine + Marten service.</summary>
public static class ConflictsRegistration
{
    /// <summary>The section of the configuration that <see cref="ConflictOptions"/> are bound from.</summary>
    public const string Section = "Conflicts";

    /// <summary>Registers what all aggregates share. The store's <c>NpgsqlDataSource</c> has to be registered too: its pool is what is shared out.</summary>
    public static IServiceCollection AddConflicts(this IServiceCollection services)
    {
        services.AddOptions<ConflictOptions>().BindConfiguration(Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CommandsInFlight>();
        services.AddSingleton<DatabaseHistory>();
        services.AddSingleton<ILoggerFactory>(provider => new QuietLostRaces(new LoggerFactory(
            provider.GetServices<ILoggerProvider>(), provider.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>(),
            provider.GetRequiredService<IOptions<LoggerFactoryOptions>>())));
        return services;
    }

    /// <summary>Registers what an aggregate's commands need. The store and its <c>NpgsqlDataSource</c> have to be registered too.</summary>
    /// <typeparam name="TAggregate">The aggregate; it has an inline snapshot in the store.</typeparam>
    /// <typeparam name="TAnswers">How its commands are answered.</typeparam>
    public static IServiceCollection AddConflictsOf<TAggregate, TAnswers>(this IServiceCollection services)
        where TAggregate : class, IAggregate<TAggregate>
        where TAnswers : class, IAnswers<TAggregate>
    {
        services.AddOptions<AdmissionOptions>()
            .BindConfiguration(AdmissionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AdmissionOptions>, AdmissionFits>());
        services.TryAddSingleton<Admission>();
        services.TryAddSingleton<Receipts>();
        services.TryAddSingleton<ConflictMetrics>();
        services.TryAddSingleton<ConflictLog>();
        services.AddHostedService<Retention>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ConflictLog>(provider => provider.GetRequiredService<ConflictLog>()));
        services.AddSingleton<IAnswers<TAggregate>, TAnswers>();
        services.TryAddSingleton<IParts<TAggregate>, NoParts<TAggregate>>();
        services.AddSingleton<StreamLocks<TAggregate>>();
        services.AddSingleton<Combiner<TAggregate>>();
        services.AddHostedService(provider => provider.GetRequiredService<Combiner<TAggregate>>());
        services.AddScoped<CommandSender<TAggregate>>();
        services.AddScoped<Deciding<TAggregate>>();
        return services;
    }

    /// <summary>Registers what commands on several streams of an aggregate need besides.</summary>
    /// <typeparam name="TAggregate">The aggregate.</typeparam>
    /// <typeparam name="TAnswers">How those commands are answered.</typeparam>
    public static IServiceCollection AddConflictsOfMany<TAggregate, TAnswers>(this IServiceCollection services)
        where TAggregate : class, IAggregate<TAggregate>
        where TAnswers : class, IAnswers<IReadOnlyList<TAggregate>>
    {
        services.AddSingleton<IAnswers<IReadOnlyList<TAggregate>>, TAnswers>();
        services.AddScoped<DecidingMany<TAggregate>>();
        return services;
    }

    /// <summary>Applies the declared policies to all handler chains, and keeps messages in the traces of the requests that caused them.</summary>
    public static void UseConflictPolicies(this WolverineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Policies.Add<ConflictPolicies>();
        options.MetadataRules.Add(new EventTraces.FollowsItsRequest());
    }

    /// <summary>Adds the mechanism's tables to the store's own. Call it after the store's schema was named.</summary>
    public static void UseConflictTables(this StoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Storage.ExtendedSchemaObjects.Add(new ReceiptTable(options.DatabaseSchemaName));
        options.Storage.ExtendedSchemaObjects.Add(new ConflictTable(options.DatabaseSchemaName));
    }
}
