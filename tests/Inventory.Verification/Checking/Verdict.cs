namespace Inventory.Verification.Checking;

/// <summary>What the checker found.</summary>
/// <param name="Missing">What is not there although a verdict needs it: the run is then neither green nor red, but invalid.</param>
/// <param name="Violations">What must not be.</param>
/// <param name="Counters">How often the interesting cases happened.</param>
internal sealed record Verdict(IReadOnlyList<string> Missing, IReadOnlyList<Violation> Violations, Counters Counters)
{
    /// <summary>Nothing is wrong, and everything was there to see it.</summary>
    public bool IsGreen => Missing.Count == 0 && Violations.Count == 0;
}
