namespace Inventory.Conflicts;

/// <summary>A command that changes one existing stream, as the mechanism meets it.</summary>
/// <typeparam name="TAggregate">The aggregate the stream folds to.</typeparam>
public interface ICommand<in TAggregate>
{
    /// <summary>Decides this command on a state.</summary>
    Decision DecideOn(TAggregate current, DateTimeOffset now);
}

/// <summary>A command that changes one existing stream. It says how it is decided, and declares an <see cref="OnConflictAttribute"/>.</summary>
/// <typeparam name="TSelf">The command itself.</typeparam>
/// <typeparam name="TAggregate">The aggregate the stream folds to.</typeparam>
public interface ICommand<in TSelf, in TAggregate> : ICommand<TAggregate> where TSelf : ICommand<TSelf, TAggregate>
{
    /// <summary>What the command comes to on a state. Pure and total: a rule that stands against it is a refusal, not an exception.</summary>
    /// <param name="command">The command.</param>
    /// <param name="current">The state it is decided on.</param>
    /// <param name="now">The time of the decision, UTC.</param>
    static abstract Decision Decide(TSelf command, TAggregate current, DateTimeOffset now);

    /// <inheritdoc/>
    Decision ICommand<TAggregate>.DecideOn(TAggregate current, DateTimeOffset now) => TSelf.Decide((TSelf)this, current, now);
}
