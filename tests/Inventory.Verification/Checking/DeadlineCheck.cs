using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>
/// Whoever asks while the database stands still is answered by the deadlines all the same, and when the faults are over every
/// product takes commands again (invariant 19).
/// </summary>
internal static class DeadlineCheck
{
    /// <summary>10 s to wait for a turn, 5 s to be decided, and one more; in microseconds.</summary>
    public const long CommandMicroseconds = 16_000_000;

    /// <summary>5 s to be read, and one more; in microseconds.</summary>
    public const long ReadMicroseconds = 6_000_000;

    /// <summary>Faults in which the database does not die, but does not do anything either.</summary>
    public static IReadOnlyList<string> StandStills { get; } = ["stand-still", "long-stand-still"];

    public static IEnumerable<Violation> Of(History history)
    {
        foreach (var (operation, attempt) in Judged(history))
        {
            var (took, bound) = (attempt.Ended - attempt.Began, BoundOf(operation.Request.Act));
            var late = LateIn(history.Run.Lateness, attempt);
            if (took > bound + late)
            {
                yield return new Violation(
                    19,
                    $"{operation.Id} ({operation.Request.Act}) had {(attempt.Reply is { Status: > 0 } ? "an answer" : "no answer")} after {took / 1_000} ms "
                    + $"while the database stood still, and {bound / 1_000} ms are its deadline (the client itself was {late / 1_000} ms late)",
                    operation.Id);
            }
        }

        foreach (var product in history.Operations.Where(operation => operation.Client == Operation.FinalWriter).GroupBy(operation => operation.Request.Product))
        {
            var last = product.MaxBy(operation => operation.Began)!;
            if (!last.Attempts.Any(IsSettled))
            {
                yield return new Violation(
                    19,
                    $"when the faults were over product {product.Key} took no command: {last.Id} was answered "
                    + $"{last.Attempts[^1].Reply?.Problem ?? last.Attempts[^1].Reply?.Error ?? "nothing"} after {product.Count()} others",
                    last.Id);
            }
        }
    }

    /// <summary>
    /// The attempts that were under way while the database stood still and nothing else was done to their nodes. A file may
    /// take as long as its lines do.
    /// </summary>
    public static IEnumerable<(Operation Operation, Attempt Attempt)> Judged(History history)
    {
        var still = history.Run.Spans.Where(span => StandStills.Contains(span.Fault)).ToList();
        if (still.Count == 0)
        {
            return [];
        }

        var others = history.Run.Spans.Where(span => !StandStills.Contains(span.Fault)).ToList();
        return
            from operation in history.Operations
            where operation.Request.Act != Act.Import
            from attempt in operation.Attempts
            where attempt.Ended != Attempt.Never && still.Exists(span => span.Meets(attempt.Began, attempt.Ended))
            where !others.Exists(span => (span.Node is null || span.Node == attempt.Node) && span.Meets(attempt.Began, attempt.Ended))
            select (operation, attempt);
    }

    private static long BoundOf(Act act) => act is Act.Read or Act.List ? ReadMicroseconds : CommandMicroseconds;

    /// <summary>How late the clients themselves were meanwhile, at the worst.</summary>
    private static long LateIn(IEnumerable<Late> lateness, Attempt attempt) => lateness
        .Where(late => late.At > attempt.Began && late.At - late.Microseconds < attempt.Ended)
        .Select(late => late.Microseconds)
        .DefaultIfEmpty()
        .Max();

    /// <summary>Whether a command was decided, whatever way.</summary>
    private static bool IsSettled(Attempt attempt) => attempt.Reply is { IsKept: true } or { End: End.Refused, Problem: "version-conflict" };
}
