using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>The same key and request get the same answer, and the same key with another request none (invariant 6).</summary>
internal static class RepeatCheck
{
    public static IEnumerable<Violation> Of(IEnumerable<Operation> operations)
    {
        foreach (var operation in operations.Where(operation => operation.Request.Writes && IsAskedAgain(operation)))
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

            foreach (var attempt in operation.Attempts.Where(attempt => !attempt.OtherBody && IsFalse(operation, attempt)))
            {
                yield return new Violation(
                    6, $"{operation.Id}: asked again, it was told {attempt.Reply!.Problem}, which is not so", operation.Id);
            }

            foreach (var other in operation.Attempts.Where(attempt => attempt is { OtherBody: true, Reply.IsKept: true }))
            {
                yield return new Violation(6, $"{operation.Id}: its key was used for another request, which was answered {other.Reply!.Status}", operation.Id);
            }
        }
    }

    private static bool IsAskedAgain(Operation operation) =>
        operation.Attempts.Count > 1 || operation.Attempts[0].Reply?.Problem is "idempotency-key-reused" or "request-in-flight";

    /// <summary>
    /// Whether an attempt was told of another request under its key that was not there: an unequal one, or an equal one
    /// that was under way.
    /// </summary>
    private static bool IsFalse(Operation operation, Attempt told) => told.Reply?.Problem switch
    {
        "idempotency-key-reused" => true,
        "request-in-flight" => !operation.SentTwice && !operation.Attempts.Any(other => other != told && MayMeet(other, told)),
        _ => false,
    };

    /// <summary>Whether one attempt may have been under way during another. Who got no answer does not know when it ended.</summary>
    private static bool MayMeet(Attempt one, Attempt other) =>
        one.Began < other.Ended && (one.Reply is not { End: not End.Unknown } || one.Ended > other.Began);
}
