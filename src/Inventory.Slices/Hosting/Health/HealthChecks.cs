using Inventory.Conflicts;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using IProjectionCoordinator = Marten.Events.Daemon.Coordination.IProjectionCoordinator;

namespace Inventory.Slices.Hosting;

/// <summary>What has to be well for the service to be ready.</summary>
public static class HealthChecks
{
    /// <summary>Registers the checks.</summary>
    public static void AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<Readiness>();
        services.AddHealthChecks().AddCheck<DatabaseReady>("database").AddCheck<ProjectionsReady>("projections");
    }

    /// <summary>How long a check waits for the database.</summary>
    internal static TimeSpan WaitMax { get; } = TimeSpan.FromSeconds(4);
}

/// <summary>The database answers, keeps what it acknowledges, and has this machine's time.</summary>
internal sealed class DatabaseReady(NpgsqlDataSource database, TimeProvider clock) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await DatabaseWait.WithinAsync(HealthChecks.WaitMax, clock, CheckAsync, cancellationToken);
        }
        catch (Exception e) when (DatabaseFailure.Is(e))
        {
            return HealthCheckResult.Unhealthy($"The database cannot be reached: {e.Message}");
        }
    }

    private async Task<HealthCheckResult> CheckAsync(CancellationToken cancellation)
    {
        // By the machine's own clock: the framework tells by that which nodes are alive.
        if (SameClock.Fault(await SameClock.ApartAsync(database, TimeProvider.System, cancellation)) is { } fault)
        {
            return HealthCheckResult.Unhealthy(fault);
        }

        return await SafeCommits.OffAsync(database, cancellation) is { Count: > 0 } off
            ? HealthCheckResult.Degraded($"A crash of the database can lose acknowledged changes: {string.Join(", ", off)} is off.")
            : HealthCheckResult.Healthy("It answers and keeps what it acknowledges.");
    }
}

/// <summary>
/// The asynchronous projections keep up, wherever they run. Commands and exact reads go on when they do not.
/// </summary>
internal sealed class ProjectionsReady(ProjectedReads reads, IProjectionCoordinator coordinator, Marten.IDocumentStore store, TimeProvider clock) : IHealthCheck
{
    /// <summary>How old the oldest event may be that a projection has not applied, in milliseconds. A node that takes over another's work needs some.</summary>
    internal const long LagMsMax = 15_000;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await DatabaseWait.WithinAsync(HealthChecks.WaitMax, clock, CheckAsync, cancellationToken);
        }
        catch (Exception e) when (DatabaseFailure.Is(e))
        {
            return HealthCheckResult.Unhealthy($"The database cannot be reached: {e.Message}");
        }
    }

    private async Task<HealthCheckResult> CheckAsync(CancellationToken cancellation)
    {
        var failures = (LocalProjections.Of(coordinator)?.CurrentAgents() ?? []).Where(agent => agent.Status == JasperFx.AgentStatus.Paused)
            .ToDictionary(agent => agent.Name.Identity, agent => agent.Failure?.Message);
        var (behind, fine) = (new List<string>(), new List<string>());
        if (await reads.ShardFreshnessAsync("HighWaterMark", cancellation) is { LagMs: > LagMsMax } mark)
        {
            behind.Add($"no node has looked for new events for {mark.LagMs / 1_000} s (the high-water agent is dead or waits for a gap in the sequence to close)");
        }

        foreach (var shard in ((Marten.StoreOptions)store.Options).Projections.AllShards().Select(shard => shard.Name.Identity))
        {
            var freshness = await reads.ShardFreshnessAsync(shard, cancellation);
            if (freshness.LagMs > LagMsMax || failures.ContainsKey(shard))
            {
                behind.Add($"{shard} is {freshness.LagEvents} events and {freshness.LagMs / 1_000} s behind"
                    + (failures.GetValueOrDefault(shard) is { } why ? $" and stopped: {why}" : ""));
            }
            else
            {
                fine.Add($"{shard} is {freshness.LagEvents} events behind");
            }
        }

        return behind.Count > 0
            ? HealthCheckResult.Unhealthy($"{string.Join("; ", behind)}. Lists are stale and say so; commands go on. docs/operations.md says what to do.")
            : HealthCheckResult.Healthy($"{string.Join(", ", fine)}.");
    }
}
