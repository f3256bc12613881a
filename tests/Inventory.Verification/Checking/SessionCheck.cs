using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>What one client is shown of one product never goes back, whichever nodes it asks (invariant 10).</summary>
internal static class SessionCheck
{
    public static IEnumerable<Violation> Of(IEnumerable<Operation> operations)
    {
        foreach (var session in operations.Where(operation => operation.Request.Act != Act.List).GroupBy(operation => operation.Client))
        {
            var seen = new Dictionary<Guid, (long Version, long At, string Operation)>();
            foreach (var operation in session.OrderBy(operation => operation.Began))
            {
                // Later attempts repeat what was answered first, so the first answer is what the client saw then.
                var answer = operation.Answered ?? operation.Attempts.FirstOrDefault(attempt => attempt.Reply is { End: End.Refused });
                foreach (var shown in answer?.Reply?.Shown ?? [])
                {
                    if (seen.TryGetValue(shown.Product, out var before) && before.Version > shown.Version && before.At < operation.Began)
                    {
                        yield return new Violation(
                            10, $"client {operation.Client} was shown product {shown.Product} at version {before.Version} by {before.Operation}, and then at version {shown.Version} by {operation.Id}",
                            before.Operation, operation.Id);
                    }

                    if (shown.Version >= before.Version)
                    {
                        seen[shown.Product] = (shown.Version, answer!.Ended, operation.Id);
                    }
                }
            }
        }
    }
}
