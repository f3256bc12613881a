namespace Inventory.Verification.Histories;

/// <summary>A part of a run in which somebody is a nuisance, or nobody is. Times are microseconds since the run began.</summary>
/// <param name="Name">What the nuisance is; <see cref="Quiet"/> when as many callers do nothing but single sales.</param>
/// <param name="Began">When it began.</param>
/// <param name="Ended">When it ended.</param>
internal sealed record Phase(string Name, long Began, long Ended)
{
    /// <summary>What the others are compared with.</summary>
    public const string Quiet = "quiet";

    /// <summary>The first of the clients who look on, each with a product of its own.</summary>
    public const int FirstOnlooker = 901;
}

/// <summary>Something that can be held, waited in or remembered, over all nodes.</summary>
/// <param name="What">Its name: a metric with its state, or what PostgreSQL says.</param>
/// <param name="Before">How much there was before the load.</param>
/// <param name="After">The least that there was within half a minute after it.</param>
internal sealed record Held(string What, double Before, double After);
