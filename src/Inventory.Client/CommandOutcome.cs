namespace Inventory.Client;

/// <summary>How a command about one product ended. A closed set: a conflict and a refusal are values to look at, not exceptions.</summary>
public abstract record CommandOutcome
{
    private CommandOutcome()
    {
    }

    /// <summary>What was sent.</summary>
    public required SentCommand Command { get; init; }

    /// <summary>Its Idempotency-Key.</summary>
    public string Key => Command.Key;

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

    /// <summary>
    /// Nobody knows whether it took effect: answers were lost, late, or not the service's, or its caller has cancelled the waiting.
    /// <see cref="InventoryClient.SettleAsync(CommandOutcome, CancellationToken)"/> finds out.
    /// </summary>
    public sealed record Unknown : CommandOutcome;
}
