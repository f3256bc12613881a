using Microsoft.Extensions.Diagnostics.HealthChecks;
using Wolverine.Http;

namespace Inventory.Slices.Hosting;

/// <summary>Tell whoever watches over the process and whoever sends it requests how it is.</summary>
public static class HealthEndpoints
{
    /// <summary>The process answers. Nothing else is asked: a database that is away is no reason to start the service again.</summary>
    [WolverineGet("/health/live")]
    [Shows("Say that the process lives", typeof(HealthView), Scope = Scope.None)]
    public static IResult Live() => TypedResults.Json(new HealthView(HealthStatus.Healthy, new Dictionary<string, CheckView>()), HttpJson.Options);

    /// <summary>
    /// It can do all its work, and if not, what is wrong. Everybody is told which check fails; why, with whatever names it has, only who
    /// may administer the service.
    /// </summary>
    [WolverineGet("/health/ready")]
    [Shows("Say whether the service can do all its work, and if not, what is wrong", typeof(HealthView), nameof(ProblemTypes.NotReady), Scope = Scope.None)]
    public static async Task<IResult> Ready(
        HttpContext http, Readiness readiness, IConfiguration configuration, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(readiness);
        var report = await readiness.ReportAsync(cancellation);
        var isTold = !Access.IsConfigured(configuration) || Access.Covers(http.User, Scope.Admin);
        var checks = report.Entries.ToDictionary(
            check => check.Key, check => new CheckView(check.Value.Status, isTold ? check.Value.Description : null));
        var unwell = checks.Where(check => check.Value.Status == HealthStatus.Unhealthy)
            .Select(check => check.Value.Description ?? $"The check {check.Key} fails.");
        return report.Status == HealthStatus.Unhealthy
            ? new Problem(ProblemTypes.NotReady, string.Join(" ", unwell))
            {
                RetryAfterSeconds = 5,
            }.With("checks", checks)
            : TypedResults.Json(new HealthView(report.Status, checks), HttpJson.Options);
    }
}

/// <summary>How the service is.</summary>
/// <param name="Status">The worst of its checks.</param>
/// <param name="Checks">Each check by its name.</param>
public sealed record HealthView(HealthStatus Status, IReadOnlyDictionary<string, CheckView> Checks);

/// <summary>How one part of it is.</summary>
/// <param name="Status">Degraded: it works, and somebody should look.</param>
/// <param name="Description">In words; null for who may not administer the service.</param>
public sealed record CheckView(HealthStatus Status, string? Description);
