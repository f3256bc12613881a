using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Slices.Hosting;

/// <summary>The one translation of how a command ended into an HTTP answer.</summary>
public static class CommandAnswer
{
    /// <summary>After how many seconds a caller who met a temporary limit should ask again.</summary>
    private const int RetryAfterSeconds = 1;

    /// <summary>Answers a command.</summary>
    /// <param name="product">The product as the caller named it.</param>
    /// <param name="command">The command.</param>
    /// <param name="outcome">How it ended.</param>
    public static IResult Of(string product, object command, Outcome<Product> outcome)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome switch
        {
            Outcome<Product>.Conflicted conflicted => Conflicted(conflicted.Conflict),
            Outcome<Product>.NotFound => Problem.ProductNotFound(product),
            Outcome<Product>.PreconditionRequired => new Problem(
                ProblemTypes.PreconditionRequired,
                $"{command.GetType().Name} is for somebody who has looked. {ProblemTypes.PreconditionRequired.NextStep}"),
            Outcome<Product>.SeenVersionAhead ahead => Problem.Malformed(
                    $"{ConditionHeaders.SeenVersion} is {ahead.SeenVersion}, but the product is at version {ahead.CurrentVersion}. "
                    + "Name a version that was answered to you.")
                .With("currentVersion", ahead.CurrentVersion),
            _ => Of(outcome),
        };
    }

    /// <summary>Answers what ends alike whatever the command is about.</summary>
    public static IResult Of<TState>(Outcome<TState> outcome) => outcome switch
    {
        { Kept: { } kept } => new KeptAnswer(kept, replayed: false),
        Outcome<TState>.Replayed replayed => new KeptAnswer(replayed.Answer, replayed: true),
        Outcome<TState>.KeyReused => new Problem(ProblemTypes.IdempotencyKeyReused),
        Outcome<TState>.InFlight => Later(ProblemTypes.RequestInFlight),
        Outcome<TState>.RetriesExhausted => Later(ProblemTypes.RetriesExhausted),
        Outcome<TState>.Overloaded => Later(ProblemTypes.Overloaded),
        Outcome<TState>.Unavailable => Later(ProblemTypes.Unavailable),
        Outcome<TState>.Unknown => Later(ProblemTypes.OutcomeUnknown),
        _ => throw new InvalidOperationException($"{outcome} is no outcome."),
    };

    private static Problem Later(ProblemType type) => new(type) { RetryAfterSeconds = RetryAfterSeconds };

    private static Problem Conflicted(Conflict<Product> conflict)
    {
        var current = conflict.Current;
        var problem = new Problem(ProblemTypes.VersionConflict, Detail(conflict))
        {
            Status = conflict.Strict ? StatusCodes.Status412PreconditionFailed : StatusCodes.Status409Conflict,
            Version = current.Version,
        };
        problem
            .With("productId", current.Id)
            .With("seenVersion", conflict.SeenVersion)
            .With("currentVersion", current.Version)
            .With("current", ProductView.Of(current))
            .With("changes", conflict.Unseen.Listed);
        if (conflict.Unseen.Count > conflict.Unseen.Listed.Count)
        {
            problem.With("changesOmitted", conflict.Unseen.Count - conflict.Unseen.Listed.Count);
        }

        if (conflict.Options is { } options)
        {
            problem.With("options", options);
        }

        return problem
            .With("yourChange", conflict.Own)
            .With("resubmit", new { ifMatch = VersionedAnswer.ETag(current.Version) });
    }

    private static string Detail(Conflict<Product> conflict)
    {
        var (count, clashes) = (conflict.Unseen.Count, conflict.Unseen.ClashCount);
        if (conflict.SeenVersion is not { } seen)
        {
            return $"If-Match names no version this product has had; it is at version {conflict.Current.Version}.";
        }

        var changes = count == 1 ? "1 change" : $"{count} changes";
        return (clashes, conflict.Strict) switch
        {
            (0, true) => $"{changes} since version {seen}, none of which clashes with {conflict.Command}; If-Match asks for exactly "
                         + $"that version. With Seen-Version: {seen} instead it would have been merged.",
            _ when conflict.Unseen.MayClashMore => $"{changes} since version {seen}, at least {clashes} of them "
                                                   + $"{(clashes == 1 ? "clashes" : "clash")} with {conflict.Command}.",
            (1, _) => $"{changes} since version {seen}, 1 of them clashes with {conflict.Command}.",
            _ => $"{changes} since version {seen}, {clashes} of them clash with {conflict.Command}.",
        };
    }
}
