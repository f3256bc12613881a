using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>
/// Says whether a history keeps every promise. Pure: it sees what clients recorded and what stands in the database, and never the service. A
/// product's versions are an order that every answer names its place in, so there is nothing to search and the work grows as n log n.
/// </summary>
internal static class Checker
{
    public static Verdict Check(History history)
    {
        // What the checks look at does not change, and none of them needs another one's findings.
        var counters = Task.Run(() => Counters.Of(history));
        var facts = Apart(() => ToldCheck.Facts(history));
        var apart = Apart(() => DeadlineCheck.Of(history).Concat(IsolationCheck.Of(history)).Concat(LeakCheck.Of(history.Run.Held)));
        var epochs = Epochs.Of(history);
        return new Verdict(
            [.. FinalCheck.Missing(epochs[^1]), .. IsolationCheck.Missing(history)],
            [.. epochs.SelectMany((epoch, number) => Violations(epoch, number == epochs.Count - 1)), .. facts.Result, .. apart.Result],
            counters.Result);
    }

    /// <summary>What is wrong with one history of the database.</summary>
    private static List<Violation> Violations(History history, bool isLast)
    {
        IReadOnlyList<Task<IReadOnlyList<Violation>>> apart =
        [
            Apart(() => OneCommandEach(history.Log)), Apart(() => RepeatCheck.Of(history.Operations)), Apart(() => OrderCheck.Of(history)),
            Apart(() => SessionCheck.Of(history.Operations)), Apart(() => ToldCheck.Of(history, isLast)),
        ];
        var lists = Task.Run(() => new ListCheck(history));
        var operations = Task.Run(() => ByProduct(history.Operations));
        var events = history.Log.GroupBy(e => e.Product).ToDictionary(stream => stream.Key, stream => stream.OrderBy(e => e.Version).ToList());
        var products = events.Keys.Union(operations.Result.Keys).AsParallel().AsOrdered()
            .Select(product => new ProductCheck(product, events.GetValueOrDefault(product) ?? [], operations.Result.GetValueOrDefault(product) ?? [], history.Run).Run())
            .ToList();
        var ordered = products.Where(product => product.HasOrder).ToDictionary(product => product.Product);
        return
        [
            .. products.SelectMany(product => product.Violations),
            .. apart.SelectMany(task => task.Result),
            .. lists.Result.Of(history.Operations, ordered),
            .. isLast ? FinalCheck.Of(history, ordered) : [],
        ];
    }

    private static Task<IReadOnlyList<Violation>> Apart(Func<IEnumerable<Violation>> check) => Task.Run(() => (IReadOnlyList<Violation>)[.. check()]);

    private static Dictionary<Guid, List<Operation>> ByProduct(IReadOnlyList<Operation> operations)
    {
        var about = new Dictionary<Guid, List<Operation>>();
        foreach (var operation in operations.Where(operation => operation.Request.Act != Act.List))
        {
            foreach (var product in operation.Request.Lines is null ? [operation.Request.Product] : operation.Request.Products.Distinct())
            {
                if (!about.TryGetValue(product, out var known))
                {
                    about.Add(product, known = []);
                }

                known.Add(operation);
            }
        }

        return about;
    }

    /// <summary>A command's id stands at one event of a product only.</summary>
    private static List<Violation> OneCommandEach(IReadOnlyList<LoggedEvent> log)
    {
        var known = new HashSet<(Guid, Guid)>(log.Count);
        return
        [
            .. log.Where(e => !known.Add((e.Command, e.Product)))
                .Select(e => new Violation(4, $"product {e.Product}: the command of version {e.Version} ({e.Type}) stands at another version too", e.Actor)),
        ];
    }
}
