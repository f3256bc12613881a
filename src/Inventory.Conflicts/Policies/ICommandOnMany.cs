namespace Inventory.Conflicts;

/// <summary>A command that changes several existing streams, all of them or none, as the mechanism meets it.</summary>
/// <typeparam name="TAggregate">The aggregate the streams fold to.</typeparam>
public interface ICommandOnMany<TAggregate>
{
    /// <summary>The streams.</summary>
    IReadOnlyCollection<Guid> StreamIds { get; }

    /// <summary>Decides this command on the states of those streams that are there.</summary>
    DecisionOnMany DecideOn(IReadOnlyDictionary<Guid, TAggregate> current, DateTimeOffset now);
}

/// <summary>
/// A command that changes several existing streams, all of them or none. It says how it is decided, and declares an
/// <see cref="OnConflictAttribute"/> with <see cref="Resolve.Retry"/>: nobody has seen one version of several streams.
/// </summary>
/// <typeparam name="TSelf">The command itself.</typeparam>
/// <typeparam name="TAggregate">The aggregate the streams fold to.</typeparam>
public interface ICommandOnMany<in TSelf, TAggregate> : ICommandOnMany<TAggregate> where TSelf : ICommandOnMany<TSelf, TAggregate>
{
    /// <summary>What the command comes to. Pure and total.</summary>
    /// <param name="command">The command.</param>
    /// <param name="current">The states of those streams that are there.</param>
    /// <param name="now">The time of the decision, UTC.</param>
    static abstract DecisionOnMany Decide(TSelf command, IReadOnlyDictionary<Guid, TAggregate> current, DateTimeOffset now);

    /// <inheritdoc/>
    DecisionOnMany ICommandOnMany<TAggregate>.DecideOn(IReadOnlyDictionary<Guid, TAggregate> current, DateTimeOffset now) =>
        TSelf.Decide((TSelf)this, current, now);
}

/// <summary>What a command comes to that changes several streams.</summary>
public abstract record DecisionOnMany
{
    private DecisionOnMany()
    {
    }

    /// <summary>The command is accepted; these events are its effect, by stream, in order.</summary>
    public sealed record Accepted(IReadOnlyDictionary<Guid, IReadOnlyList<object>> Events) : DecisionOnMany;

    /// <summary>A rule of the domain refuses the command. No event is appended to any stream.</summary>
    public sealed record Refused(Refusal Refusal) : DecisionOnMany;
}
