using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>The same key and request get the same answer, and the same key with another request none (invariant 6).</summary>
internal static class RepeatCheck
{
    public static IEnumerable<Violation> Of(IEnumerable<Operation> operations)
    {
        foreach (var operation in operations.Where(operation => operation.Request.Writes && operation.Attempts.Count > 1))
        {
            var answers = operation.Attempts
                .Where(attempt => attempt is { OtherBody: false, Reply.IsKept: true })
                .Select(attempt => (attempt.Reply!.Status, attempt.Reply.Body))
                .Distinct()
                .ToList();
            if (answers.Count > 1)
            {
                yield return new Violation(
                    6, $"{operation.Id} was sent {operation.Attempts.Count} times under one key and got {answers.Count} different answers, with status {string.Join(" and ", answers.Select(answer => answer.Status))}",
                    operation.Id);
            }

            foreach (var other in operation.Attempts.Where(attempt => attempt is { OtherBody: true, Reply.IsKept: true }))
            {
                yield return new Violation(6, $"{operation.Id}: its key was used for another request, which was answered {other.Reply!.Status}", operation.Id);
            }
        }
    }
}
