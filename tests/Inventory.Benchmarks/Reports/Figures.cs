using Inventory.Benchmarks.Load;

namespace Inventory.Benchmarks.Reports;

/// <summary>Everything that was measured, by peer and callers, several rounds each.</summary>
internal sealed class Figures
{
    private readonly Dictionary<(string Peer, int Callers), List<LoadResult>> _rounds = [];

    public IEnumerable<string> Peers => _rounds.Keys.Select(key => key.Peer).Distinct();

    public IEnumerable<int> CallersOf(string peer) => _rounds.Keys.Where(key => key.Peer == peer).Select(key => key.Callers).Order();

    public void Add(string peer, int callers, LoadResult result)
    {
        if (!_rounds.TryGetValue((peer, callers), out var rounds))
        {
            _rounds.Add((peer, callers), rounds = []);
        }

        rounds.Add(result);
    }

    public bool Has(string peer, int callers) => _rounds.ContainsKey((peer, callers));

    /// <summary>The median of the rounds.</summary>
    public double PerSecond(string peer, int callers) => Median(peer, callers, r => r.PerSecond);

    /// <inheritdoc cref="PerSecond"/>
    public double P50(string peer, int callers) => Median(peer, callers, r => r.P50);

    /// <inheritdoc cref="PerSecond"/>
    public double P99(string peer, int callers) => Median(peer, callers, r => r.P99);

    /// <summary>Failed in any round.</summary>
    public long Failed(string peer, int callers) => _rounds[(peer, callers)].Sum(r => r.Failed);

    /// <summary>The best of a peer over all numbers of callers.</summary>
    public double Best(string peer) => CallersOf(peer).Max(callers => PerSecond(peer, callers));

    /// <summary>Slowest and fastest round.</summary>
    public (double Min, double Max) Spread(string peer, int callers) =>
        (_rounds[(peer, callers)].Min(r => r.PerSecond), _rounds[(peer, callers)].Max(r => r.PerSecond));

    private double Median(string peer, int callers, Func<LoadResult, double> figure)
    {
        var sorted = _rounds[(peer, callers)].Select(figure).Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
