using System.Collections.Concurrent;
using System.Globalization;
using Inventory.Verification.Histories;

namespace Inventory.Verification.Running;

/// <summary>How long answers took, failures and waits included.</summary>
internal sealed class Latencies
{
    private readonly ConcurrentDictionary<Act, ConcurrentQueue<long>> _microseconds = new();
    private int _retries;

    public void Add(Act act, long microseconds, Reply reply)
    {
        if (reply.End != End.Unknown)
        {
            _microseconds.GetOrAdd(act, _ => new ConcurrentQueue<long>()).Enqueue(microseconds);
        }
    }

    public void Retry() => Interlocked.Increment(ref _retries);

    public override string ToString()
    {
        var lines = _microseconds.OrderBy(pair => pair.Key).Select(pair =>
        {
            var sorted = pair.Value.Order().ToList();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{pair.Key,-8} {sorted.Count,9:N0} answers   half within {At(sorted, 0.5),8:N1} ms   99 % within {At(sorted, 0.99),8:N1} ms   all within {At(sorted, 1),9:N1} ms");
        });
        return string.Join('\n', lines.Append(string.Create(CultureInfo.InvariantCulture, $"asked again {_retries:N0} times")));
    }

    private static double At(List<long> sorted, double share) => sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))] / 1_000.0;
}
