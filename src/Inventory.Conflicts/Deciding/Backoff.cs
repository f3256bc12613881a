using System.Diagnostics.CodeAnalysis;

namespace Inventory.Conflicts;

/// <summary>How long the loser of a race pauses before it tries again.</summary>
internal static class Backoff
{
    /// <summary>
    /// A pause drawn between zero and a bound that doubles with each attempt ("full jitter"), so that the losers of one
    /// race do not meet again in the next.
    /// </summary>
    /// <param name="attempt">The attempt that has just failed, from 1.</param>
    /// <param name="options">The first bound and the last.</param>
    [SuppressMessage("Security", "CA5394", Justification = "Jitter needs spread, not secrecy.")]
    public static TimeSpan Pause(int attempt, ConflictOptions options)
    {
        var bound = Math.Min(
            options.RetryDelayFirst.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 20)),
            options.RetryDelayMax.TotalMilliseconds);
#pragma warning disable RS0030 // The one use of chance.
        return TimeSpan.FromMilliseconds(bound * Random.Shared.NextDouble());
#pragma warning restore RS0030
    }
}
