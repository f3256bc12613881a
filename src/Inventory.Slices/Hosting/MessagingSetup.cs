using Inventory.Conflicts;
using Inventory.Slices.Integration;
using Inventory.Slices.Reservations;
using JasperFx.CodeGeneration;
using Wolverine;

namespace Inventory.Slices.Hosting;

/// <summary>Sets up Wolverine: which handlers there are, how their code is made, how nodes share the work.</summary>
public static class MessagingSetup
{
    /// <summary>The name under which the service is known to whoever watches it.</summary>
    public const string ServiceName = "inventory";

    private static bool HasGeneratedCode { get; } = typeof(Program).Assembly.GetTypes()
        .Any(type => type.Namespace?.StartsWith("Internal.Generated", StringComparison.Ordinal) is true);

    /// <summary>Registers what looks after messages that the framework lost sight of.</summary>
    public static IServiceCollection AddMessageCare(this IServiceCollection services)
    {
        services.AddOptions<StuckMessagesOptions>().BindConfiguration(StuckMessagesOptions.Section);
        services.AddHostedService<StuckMessages>();
        return services;
    }

    /// <summary>Applies the settings.</summary>
    public static void Configure(WolverineOptions options, IHostEnvironment environment, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);

        // Named because a test or a tool may be the entry assembly; generated code is looked for here.
        options.ApplicationAssembly = typeof(Program).Assembly;
        options.ServiceName = ServiceName;
        options.UseConflictPolicies();

        // Code generated at build time (see the Dockerfile) starts faster and needs no compiler. Nothing notices when it is
        // stale, so while developing it is left aside.
        options.CodeGeneration.TypeLoadMode =
            !environment.IsDevelopment() && HasGeneratedCode ? TypeLoadMode.Static : TypeLoadMode.Dynamic;

        // With the defaults it takes about 20 s until a new node does its share of the work.
        options.Durability.HealthCheckPollingTime = TimeSpan.FromSeconds(1);
        options.Durability.FirstHealthCheckExecution = TimeSpan.Zero;
        options.Durability.CheckAssignmentPeriod = TimeSpan.FromSeconds(1);

        // What is scheduled is done within about a second of its time, also when a thousand things are due at once; what a dead node
        // had taken is done by another within about ten.
        options.Durability.ScheduledJobPollingTime = TimeSpan.FromSeconds(1);
        options.Durability.RecoveryBatchSize = 1_000;
        options.Durability.StaleNodeTimeout = TimeSpan.FromSeconds(6);
        options.Durability.OrphanedMessageSweepPollingTime = TimeSpan.FromSeconds(1);
        options.Durability.NodeReassignmentPollingTime = TimeSpan.FromSeconds(1);

        // A span a second that says that nothing has changed.
        options.Durability.NodeAssignmentHealthCheckTracingEnabled = false;

        options.UseReservations();
        options.UseIntegration(configuration);
    }
}
