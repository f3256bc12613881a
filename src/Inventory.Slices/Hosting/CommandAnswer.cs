using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Slices.Hosting;

/// <summary>The one translation of how a command ended into an HTTP answer.</summary>
public static class CommandAnswer
{
    /// <summary>After how many seconds a caller who met a temporary limit should ask again.</summary>
    private const int RetryAfterSeconds = 1;

    /// <summary>Answers a command.</summary>
    /// <param name="http">The request.</param>
    /// <param name="product">The product as the caller named it.</param>
    /// <param name="command">The command.</param>
    /// <param name="outcome">How it ended.</param>
    public static IResult Of(HttpContext http, string product, object command, Outcome<Product> outcome)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(command);
        return outcome switch
        {
            Outcome<Product>.Accepted accepted => Written(http, command, accepted),
            Outcome<Product>.Refused refused => Refused(refused),
            Outcome<Product>.Conflicted conflicted => Conflicted(conflicted.Conflict),
            Outcome<Product>.NotFound => Problem.ProductNotFound(product),
            Outcome<Product>.PreconditionRequired => new Problem(
                ProblemTypes.PreconditionRequired,
                $"{command.GetType().Name} is for somebody who has looked. {ProblemTypes.PreconditionRequired.NextStep}"),
            Outcome<Product>.SeenVersionAhead ahead => Problem.Malformed(
                    $"{ConditionHeaders.SeenVersion} is {ahead.SeenVersion}, but the product is at version {ahead.CurrentVersion}. "
                    + "Name a version that was answered to you.")
                .With("currentVersion", ahead.CurrentVersion),
            Outcome<Product>.RetriesExhausted => new Problem(ProblemTypes.RetriesExhausted) { RetryAfterSeconds = RetryAfterSeconds },
            Outcome<Product>.Overloaded => new Problem(ProblemTypes.Overloaded) { RetryAfterSeconds = RetryAfterSeconds },
            _ => throw new InvalidOperationException($"{outcome} is no outcome."),
        };
    }

    private static IResult Written(HttpContext http, object command, Outcome<Product>.Accepted accepted) =>
        VersionedAnswer.Written(
            http.Response,
            accepted.State.Version,
            new
            {
                productId = accepted.State.Id,
                version = accepted.State.Version,
                outcome = accepted.MergedWith.Count > 0 ? "merged" : "accepted",
                mergedWith = accepted.MergedWith,
                product = ProductView.Of(accepted.State),
            },
            ConflictPolicies.Of(command.GetType()).StartsStream ? $"/products/{accepted.State.Id}" : null);

    private static Problem Refused(Outcome<Product>.Refused refused)
    {
        return refused.Refusal switch
        {
            InsufficientStock r => OnProduct(ProblemTypes.InsufficientStock).With("available", r.Available).With("requested", r.Requested),
            StockLimitExceeded r => OnProduct(ProblemTypes.StockLimitExceeded).With("onHand", r.OnHand).With("requested", r.Requested),
            DiscontinuedProduct => OnProduct(ProblemTypes.ProductDiscontinued),
            SkuTaken r => new Problem(ProblemTypes.SkuTaken, r.Detail).With("productId", r.ProductId).With("sku", r.Sku),
            IdTaken r => new Problem(ProblemTypes.IdTaken, r.Detail).With("productId", r.ProductId),
            var unknown => throw new InvalidOperationException($"{unknown.GetType().Name} has no problem type: add it here."),
        };

        // A refusal is true of one version, so it names that version.
        Problem OnProduct(ProblemType type) => new Problem(type, refused.Refusal.Detail) { Version = refused.Current?.Version }
            .With("productId", refused.Current?.Id)
            .With("version", refused.Current?.Version);
    }

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
            (1, _) => $"{changes} since version {seen}, 1 of them clashes with {conflict.Command}.",
            _ => $"{changes} since version {seen}, {clashes} of them clash with {conflict.Command}.",
        };
    }
}
