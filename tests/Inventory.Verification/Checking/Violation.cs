namespace Inventory.Verification.Checking;

/// <summary>Something that must not be, in words.</summary>
/// <param name="Invariant">The number of the invariant in docs/verification.md.</param>
/// <param name="Words">What is wrong.</param>
/// <param name="Operations">The operations it is about, by their ids in the history.</param>
internal sealed record Violation(int Invariant, string Words, params IReadOnlyList<string> Operations)
{
    public override string ToString() =>
        $"invariant {Invariant}: {Words}{(Operations.Count == 0 ? "" : $" [{string.Join(", ", Operations)}]")}";
}
