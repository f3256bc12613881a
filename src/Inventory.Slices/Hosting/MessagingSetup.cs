using Inventory.Conflicts;
using JasperFx.CodeGeneration;
using Wolverine;

namespace Inventory.Slices.Hosting;

/// <summary>Sets up Wolverine: which handlers there are, how their code is made, how nodes share the work.</summary>
public static class MessagingSetup
{
    public static void Configure(WolverineOptions options, IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(options);

        // Named because a test or a tool may be the entry assembly; generated code is looked for here.
        options.ApplicationAssembly = typeof(Program).Assembly;
        options.ServiceName = "inventory";
        options.UseConflictPolicies();

        // Containers bring pre-generated code and no compiler; elsewhere code is generated when it is first needed.
        options.CodeGeneration.TypeLoadMode = environment.IsProduction() ? TypeLoadMode.Static : TypeLoadMode.Dynamic;

        // With the defaults it takes about 20 s until a new node does its share of the work.
        options.Durability.HealthCheckPollingTime = TimeSpan.FromSeconds(1);
        options.Durability.FirstHealthCheckExecution = TimeSpan.Zero;
        options.Durability.CheckAssignmentPeriod = TimeSpan.FromSeconds(1);
    }
}
