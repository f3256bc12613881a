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
        var events = history.Log.GroupBy(e => e.Product).ToDictionary(stream => stream.Key, stream => stream.OrderBy(e => e.Version).ToList());
        var operations = new Dictionary<Guid, List<Operation>>();
        foreach (var operation in history.Operations.Where(operation => operation.Request.Act != Act.List))
        {
            foreach (var product in operation.Request.Products.Distinct())
            {
                if (!operations.TryGetValue(product, out var about))
                {
                    operations.Add(product, about = []);
                }

                about.Add(operation);
            }
        }

        var rest = Task.Run(() => (IReadOnlyList<Violation>)[.. OneCommandEach(history.Log), .. RepeatCheck.Of(history.Operations), .. OrderCheck.Of(history), .. SessionCheck.Of(history.Operations), .. ToldCheck.Of(history)]);
        var counters = Task.Run(() => Counters.Of(history));
        // What stands at a product says nothing of another one.
        var products = events.Keys.Union(operations.Keys).AsParallel().AsOrdered()
            .Select(product => new ProductCheck(product, events.GetValueOrDefault(product) ?? [], operations.GetValueOrDefault(product) ?? [], history.Run).Run())
            .ToList();
        var ordered = products.Where(product => product.HasOrder).ToDictionary(product => product.Product);
        return new Verdict(
            [.. FinalCheck.Missing(history)],
            [
                .. products.SelectMany(product => product.Violations),
                .. rest.Result,
                .. new ListCheck(history, ordered.ToDictionary(pair => pair.Key, pair => pair.Value.States)).Of(history.Operations),
                .. FinalCheck.Of(history, ordered),
            ],
            counters.Result);
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
