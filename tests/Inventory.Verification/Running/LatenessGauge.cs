using Inventory.Verification.Histories;

namespace Inventory.Verification.Running;

/// <summary>
/// Measures how late the clients themselves are, because the machine has no time for them: what took so long may have been
/// their own fault then.
/// </summary>
/// <param name="now">Microseconds since the run began.</param>
internal sealed class LatenessGauge(Func<long> now)
{
    private const long ToldFrom = 100_000;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly List<Late> _late = [];

    /// <summary>Every time that they were late by a tenth of a second or more.</summary>
    public IReadOnlyList<Late> Late
    {
        get
        {
            lock (_late)
            {
                return [.. _late];
            }
        }
    }

    /// <summary>Measures until it is stopped.</summary>
    public async Task RunAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var before = now();
            await Task.Delay(Step, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var late = now() - before - (long)Step.TotalMicroseconds;
            if (late >= ToldFrom)
            {
                lock (_late)
                {
                    _late.Add(new Late(now(), late));
                }
            }
        }
    }
}
