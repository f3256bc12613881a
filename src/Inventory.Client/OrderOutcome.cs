namespace Inventory.Client;

/// <summary>How an order over several products ended. A closed set, like <see cref="CommandOutcome"/>; an order names no version, so it meets no conflict.</summary>
public abstract record OrderOutcome
{
    private OrderOutcome()
    {
    }

    /// <summary>What was sent.</summary>
    public required SentOrder Order { get; init; }

    /// <summary>Its Idempotency-Key.</summary>
    public string Key => Order.Key;

    /// <summary>It took effect as a whole, exactly once.</summary>
    /// <param name="Products">The products after it.</param>
    /// <param name="Replayed">An earlier attempt had taken effect, and its answer was lost on the way.</param>
    public sealed record Accepted(IReadOnlyList<OrderedProduct> Products, bool Replayed) : OrderOutcome;

    /// <summary>Nothing of it took effect: a rule refuses it, or the request is wrong.</summary>
    /// <param name="Problem">Why, and what to do.</param>
    public sealed record Refused(ProblemAnswer Problem) : OrderOutcome;

    /// <summary>Nothing of it took effect, surely, and all attempts were sent away until the time was over.</summary>
    /// <param name="Problem">Why the last one was; null when the service could not be reached.</param>
    public sealed record Unavailable(ProblemAnswer? Problem) : OrderOutcome;

    /// <summary>
    /// Nobody knows whether it took effect, see <see cref="CommandOutcome.Unknown"/>.
    /// <see cref="InventoryClient.SettleAsync(OrderOutcome, CancellationToken)"/> finds out.
    /// </summary>
    public sealed record Unknown : OrderOutcome;
}
