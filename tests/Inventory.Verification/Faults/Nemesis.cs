using System.Globalization;
using Inventory.Verification.Histories;
using Inventory.Verification.Running;

namespace Inventory.Verification.Faults;

/// <summary>Does one fault after the other to a run, and now and then two at once, in an order that the seed decides.</summary>
internal sealed class Nemesis(NodeGroup group, StoreServer server, Dice dice, IReadOnlyList<Fault> faults, string folder, Func<long> now)
{
    private const int PairsOfHundred = 25;

    private readonly List<FaultSpan> _spans = [];
    private readonly Queue<Fault> _round = [];

    /// <summary>What was done when.</summary>
    public IReadOnlyList<FaultSpan> Spans => _spans;

    /// <summary>Goes on until it has done so many, or the run is over.</summary>
    public async Task RunAsync(int count, CancellationToken over)
    {
        await using var file = new StreamWriter(Path.Combine(folder, "faults.jsonl")) { AutoFlush = true };
        while (_spans.Count < count && !over.IsCancellationRequested)
        {
            await Task.Delay(dice.Between(300, 1_500), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var node = dice.Below(group.Nodes.Count);
            var first = Next();
            List<Task> done = [DoAsync(first, node, file)];
            if (dice.Chance(PairsOfHundred) && _spans.Count + 1 < count && group.Nodes.Count > 1 && Next() is var second)
            {
                if (!CanMeet(first.Target, second.Target))
                {
                    await done[0];
                }

                done.Add(DoAsync(second, (node + 1) % group.Nodes.Count, file));
            }

            await Task.WhenAll(done);
        }
    }

    /// <summary>The next one: each comes before one of them comes again.</summary>
    private Fault Next()
    {
        if (_round.Count == 0)
        {
            faults.OrderBy(_ => dice.Below(int.MaxValue)).ToList().ForEach(_round.Enqueue);
        }

        return _round.Dequeue();
    }

    /// <summary>Two at once strike two nodes, or nodes and the database.</summary>
    private static bool CanMeet(Target first, Target second) => (first, second) is (Target.Node, Target.Node) || (first == Target.Database) != (second == Target.Database);

    private async Task DoAsync(Fault fault, int node, StreamWriter file)
    {
        var began = now();
        await fault.DoAsync(new Strike(group, node, server, dice.Split(), now));
        var span = new FaultSpan(fault.Name, fault.Target == Target.Node ? node : null, began, now());
        lock (_spans)
        {
            _spans.Add(span);
            file.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $$"""{"type":"fault","fault":"{{span.Fault}}","node":{{span.Node?.ToString(CultureInfo.InvariantCulture) ?? "null"}},"began":{{span.Began}},"ended":{{span.Ended}}}"""));
        }
    }
}
