namespace Inventory.Conflicts;

/// <summary>What happens when a command meets events that its caller has not seen.</summary>
public enum Resolve
{
    /// <summary>
    /// The command makes sense on any newer state: nothing clashes. Reload, decide again, append again, within
    /// <see cref="ConflictOptions.RetryDeadline"/>.
    /// </summary>
    Retry,

    /// <summary>The command commutes with most others: only the events it lists clash.</summary>
    Merge,

    /// <summary>
    /// A person must have looked: the caller has to name the version it saw, and every unseen event clashes
    /// unless the command narrows that to the events it lists.
    /// </summary>
    Reject,
}

/// <summary>
/// Declares how a command that writes to a stream resolves a write conflict. Every such command carries exactly
/// one; the service refuses to start otherwise.
/// </summary>
/// <param name="resolve">The policy.</param>
/// <remarks>
/// The attribute is turned into the failure rules of the command's Wolverine handler chain by
/// <see cref="ConflictPolicies"/>, and read by <see cref="Deciding"/> for its clash rules.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
public sealed class OnConflictAttribute(Resolve resolve) : Attribute
{
    /// <summary>The policy.</summary>
    public Resolve Resolve { get; } = resolve;

    /// <summary>
    /// The event types that clash when the caller has not seen them. Required for <see cref="Resolve.Merge"/>;
    /// for <see cref="Resolve.Reject"/> nothing listed means that every event clashes; not allowed for
    /// <see cref="Resolve.Retry"/>.
    /// </summary>
    public Type[] ClashesWith { get; init; } = [];

    /// <summary>
    /// The command starts a stream, so there is no earlier version that its caller could have seen. Default: false.
    /// </summary>
    public bool StartsStream { get; init; }

    /// <summary>Whether an unseen event of this type could have changed the caller's mind.</summary>
    internal bool Clashes(Type eventType) => Resolve switch
    {
        Resolve.Retry => false,
        Resolve.Reject when ClashesWith.Length == 0 => true,
        _ => ClashesWith.Contains(eventType),
    };

    /// <summary>Why this declaration makes no sense, or null when it does.</summary>
    internal string? Fault => this switch
    {
        { Resolve: Resolve.Retry, ClashesWith.Length: > 0 } =>
            "Retry means that nothing clashes: remove ClashesWith, or declare Resolve.Merge.",
        { Resolve: Resolve.Merge, ClashesWith.Length: 0 } =>
            "Merge needs the events that clash: list them in ClashesWith, or declare Resolve.Retry if none does.",
        { StartsStream: true, Resolve: not Resolve.Reject } =>
            "A command that starts a stream meets a conflict only when the stream is already there: declare Resolve.Reject.",
        _ => null,
    };
}
