using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>When the faults are over, all nodes and all projections have come to the last version of every product (invariants 12 and 15).</summary>
internal static class FinalCheck
{
    /// <summary>What is not there although a verdict needs it.</summary>
    public static IEnumerable<string> Missing(History history)
    {
        var read = history.Operations
            .Where(operation => operation is { Client: Operation.FinalReader, Request.Act: Act.Read, Fate: Fate.Accepted })
            .Select(operation => (operation.Request.Product, operation.Attempts[0].Node))
            .ToHashSet();
        foreach (var node in Enumerable.Range(0, history.Run.Nodes))
        {
            var missing = history.Run.Products.Count(product => !read.Contains((product, node)));
            if (missing > 0)
            {
                yield return $"node {node} was not read at the end for {missing} of {history.Run.Products.Count} products";
            }
        }

        if (history.Run.Products.Count == 0)
        {
            yield return "there are no products";
        }

        var made = history.Log.Select(e => e.Product).ToHashSet();
        if (history.Run.Products.Count(product => !made.Contains(product)) is > 0 and var unmade)
        {
            yield return $"{unmade} of the products have no events";
        }
    }

    public static IEnumerable<Violation> Of(History history, IReadOnlyDictionary<Guid, ProductCheck> checkedProducts)
    {
        var listed = history.Tables.List.ToDictionary(row => row.Product);
        var reservations = history.Tables.Reservations.ToDictionary(row => row.Id);
        foreach (var operation in history.Operations.Where(operation => operation is { Client: Operation.FinalReader, Request.Act: Act.Read }))
        {
            if (checkedProducts.TryGetValue(operation.Request.Product, out var read) && operation.Answered?.Reply is { } reply && !read.States[^1].IsShownAs(reply.Shown[0]))
            {
                yield return new Violation(
                    12, $"at the end node {operation.Attempts[0].Node} shows product {operation.Request.Product} at version {reply.Shown[0].Version}; there is {read.States[^1]}", operation.Id);
            }
        }

        foreach (var (product, check) in checkedProducts)
        {
            var last = check.States[^1];
            if (!listed.TryGetValue(product, out var row) || !last.IsShownAs(row))
            {
                yield return new Violation(12, $"at the end the list has product {product} {(row is null ? "not at all" : $"at version {row.Version} with {row.OnHand} on hand")}; there is {last}");
            }

            foreach (var (id, quantity, status, committed) in check.Reservations.All)
            {
                var found = reservations.GetValueOrDefault(id);
                if (found is null || (found.Quantity, found.Status, found.Committed) != (quantity, status, committed))
                {
                    yield return new Violation(12, $"at the end reservation {id} is {found?.Status ?? "missing"}; by its events it is {status}");
                }
            }

            foreach (var id in check.Reservations.ForgottenAt(history.Run.Ended))
            {
                yield return new Violation(15, $"product {product}: reservation {id} should have ended by itself long ago, and is open");
            }
        }
    }
}
