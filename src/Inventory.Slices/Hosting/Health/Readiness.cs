using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Inventory.Slices.Hosting;

/// <summary>
/// How the service is. The checks are made for all who ask at the same time, and at most once a second: everybody may
/// ask, and each round of checks costs the database several questions.
/// </summary>
public sealed class Readiness(HealthCheckService checks, TimeProvider clock)
{
    private static readonly TimeSpan RoundsApart = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<HealthReport>? _round;
    private long _began;

    /// <summary>What the last round found, which began less than a second ago or is under way.</summary>
    public Task<HealthReport> ReportAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_round is null || (_round.IsCompleted && clock.GetElapsedTime(_began) >= RoundsApart))
            {
                _began = clock.GetTimestamp();
                _round = RoundAsync();
            }

            return _round.WaitAsync(cancellation);
        }
    }

    private async Task<HealthReport> RoundAsync()
    {
        // Its answer is others' too, so it is not ended with the request that begins it.
        await Task.Yield();
        return await checks.CheckHealthAsync(CancellationToken.None);
    }
}
