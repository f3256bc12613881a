namespace Inventory.Client;

/// <summary>How a command ended. A closed set: a conflict and a refusal are values to look at, not exceptions.</summary>
public abstract record CommandOutcome
{
    private CommandOutcome()
    {
    }

    /// <summary>It took effect, exactly once.</summary>
    /// <param name="Answer">The product after it, and what it was merged with.</param>
    /// <param name="Replayed">An earlier attempt had taken effect, and its answer was lost on the way.</param>
    public sealed record Accepted(AcceptedAnswer Answer, bool Replayed) : CommandOutcome;

    /// <summary>It did not take effect: the product has changed in a way that somebody should look at first.</summary>
    /// <param name="Conflict">What changed, by whom, and how to go on.</param>
    public sealed record Conflicted(ConflictAnswer Conflict) : CommandOutcome;

    /// <summary>It did not take effect: a rule refuses it, or the request is wrong.</summary>
    /// <param name="Problem">Why, and what to do.</param>
    public sealed record Refused(ProblemAnswer Problem) : CommandOutcome;

    /// <summary>It did surely not take effect, and all attempts were sent away until the time was over.</summary>
    /// <param name="Problem">Why the last one was; null when the service could not be reached.</param>
    public sealed record Unavailable(ProblemAnswer? Problem) : CommandOutcome;

    /// <summary>Nobody knows whether it took effect. Sending it again under the same key finds out.</summary>
    /// <param name="Key">Its Idempotency-Key.</param>
    public sealed record Unknown(string Key) : CommandOutcome;
}
