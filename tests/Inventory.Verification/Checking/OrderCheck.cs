using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>An order is done on all its products or on none, and products do not disagree about which order came first (invariant 14).</summary>
internal static class OrderCheck
{
    public static IEnumerable<Violation> Of(History history)
    {
        var orders = history.Operations.Where(operation => operation.Request.Act == Act.Order).ToDictionary(operation => operation.Id);
        var events = history.Log.Where(e => orders.ContainsKey(e.Actor)).ToLookup(e => e.Actor);
        foreach (var (id, order) in orders)
        {
            var done = events[id].Select(e => e.Product).ToHashSet();
            var asked = order.Request.Products.Distinct().Count();
            if (done.Count > 0 && done.Count < asked)
            {
                yield return new Violation(14, $"order {id} was done on {done.Count} of its {asked} products", id);
            }
        }

        foreach (var cycle in Disagreeing(history.Log))
        {
            yield return cycle;
        }
    }

    /// <summary>
    /// Takes away whatever nothing comes before, again and again: what is left goes round in a circle. Only commands on several products can be part of
    /// one, so the others are passed over.
    /// </summary>
    private static IEnumerable<Violation> Disagreeing(IReadOnlyList<LoggedEvent> log)
    {
        var firstProducts = new Dictionary<Guid, Guid>(log.Count);
        var before = new Dictionary<Guid, int>();
        foreach (var e in log)
        {
            if (!firstProducts.TryAdd(e.Command, e.Product) && firstProducts[e.Command] != e.Product)
            {
                before[e.Command] = 0;
            }
        }

        var next = new Dictionary<Guid, List<Guid>>();
        foreach (var stream in log.Where(e => before.ContainsKey(e.Command)).GroupBy(e => e.Product))
        {
            var commands = stream.OrderBy(e => e.Version).Select(e => e.Command).ToList();
            foreach (var (earlier, later) in commands.Zip(commands.Skip(1)).Where(pair => pair.First != pair.Second))
            {
                if (!next.TryGetValue(earlier, out var followers))
                {
                    next.Add(earlier, followers = []);
                }

                followers.Add(later);
                before[later]++;
            }
        }

        var free = new Queue<Guid>(before.Where(pair => pair.Value == 0).Select(pair => pair.Key));
        var taken = 0;
        for (; free.TryDequeue(out var command); taken++)
        {
            foreach (var follower in next.GetValueOrDefault(command) ?? [])
            {
                if (--before[follower] == 0)
                {
                    free.Enqueue(follower);
                }
            }
        }

        if (taken < before.Count)
        {
            var circle = before.Where(pair => pair.Value > 0).Select(pair => pair.Key).ToHashSet();
            var actors = log.Where(e => circle.Contains(e.Command)).Select(e => e.Actor).Distinct().Take(10).ToList();
            yield return new Violation(14, $"products disagree about the order of {circle.Count} commands", actors);
        }
    }
}
