namespace Inventory.Verification.Histories;

/// <summary>A fault that was done. Times are microseconds since the run began.</summary>
/// <param name="Fault">Its name.</param>
/// <param name="Node">The node that it was done to; null when it was done to more than one, or to the database.</param>
/// <param name="Began">When it began.</param>
/// <param name="Ended">When it had been undone.</param>
internal sealed record FaultSpan(string Fault, int? Node, long Began, long Ended)
{
    /// <summary>Whether it lasted at some time between two others.</summary>
    public bool Meets(long began, long ended) => Began < ended && Ended > began;
}
