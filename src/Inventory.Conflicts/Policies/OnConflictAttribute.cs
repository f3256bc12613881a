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
    /// A person must have looked: the caller has to name the version it saw, and the events it lists clash.
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
/// <see cref="ConflictPolicies"/>, and read for its clash rules by <see cref="Deciding{TAggregate}"/> and <see cref="Combiner{TAggregate}"/>.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
public sealed class OnConflictAttribute(Resolve resolve) : Attribute
{
    private HashSet<string>? _compatibleNames;

    /// <summary>The policy.</summary>
    public Resolve Resolve { get; } = resolve;

    /// <summary>
    /// The event types that clash when the caller has not seen them: each could have changed its mind. Not empty for
    /// <see cref="Resolve.Merge"/> and <see cref="Resolve.Reject"/>; empty for <see cref="Resolve.Retry"/>.
    /// </summary>
    public Type[] ClashesWith { get; init; } = [];

    /// <summary>
    /// The event types that do not clash: whoever decided without knowing of them wants the same in spite of them. A
    /// command names every event type that may follow the first (<see cref="IAggregate{TSelf}.LaterEventTypes"/>) here
    /// or in <see cref="ClashesWith"/>, so that an event added later cannot be forgotten.
    /// </summary>
    public Type[] CompatibleWith { get; init; } = [];

    /// <summary>
    /// The command is folded with its neighbours into one commit, as every <see cref="Resolve.Merge"/> command is; its handler
    /// is for those who send it as a message. For <see cref="Resolve.Retry"/>. Default: false, the handler executes each on its own.
    /// </summary>
    public bool Folds { get; init; }

    /// <summary>
    /// The command starts a stream, so there is no earlier version that its caller could have seen, and no event to
    /// clash with. Default: false.
    /// </summary>
    public bool StartsStream { get; init; }

    /// <summary>Whether the combiner executes the command.</summary>
    internal bool IsFolded => Resolve == Resolve.Merge || Folds;

    /// <summary>The names of the types in <see cref="CompatibleWith"/>.</summary>
    internal IReadOnlyCollection<string> CompatibleNames => _compatibleNames ??= CompatibleWith.Select(type => type.Name).ToHashSet();

    /// <summary>Whether an unseen event of this type could have changed the caller's mind. One that nobody named could.</summary>
    internal bool Clashes(Type eventType) => !CompatibleWith.Contains(eventType);
}
