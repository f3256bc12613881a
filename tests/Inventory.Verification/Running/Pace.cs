using Inventory.Verification.Histories;

namespace Inventory.Verification.Running;

/// <summary>A second of a run.</summary>
/// <param name="Second">Which one, from the run's beginning.</param>
/// <param name="Answers">Attempts that got an answer in it.</param>
/// <param name="Unknown">Attempts that got none, or one that says that nobody knows.</param>
internal sealed record Pace(int Second, int Answers, int Unknown)
{
    /// <summary>Every second in which anything ended.</summary>
    public static IReadOnlyList<Pace> Of(History history) =>
    [
        .. history.Operations
            .SelectMany(operation => operation.Attempts)
            .Where(attempt => attempt.Reply is not null)
            .GroupBy(attempt => (int)(attempt.Ended / 1_000_000))
            .Select(second => new Pace(second.Key, second.Count(attempt => attempt.Reply!.End != End.Unknown), second.Count(attempt => attempt.Reply!.End == End.Unknown)))
            .OrderBy(pace => pace.Second),
    ];
}
