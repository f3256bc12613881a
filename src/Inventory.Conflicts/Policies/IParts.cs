using Npgsql;

namespace Inventory.Conflicts;

/// <summary>
/// Completes the states that commands are decided on, for an aggregate that keeps some of its parts outside its snapshot
/// because there may be many of them. Register one in the container when the aggregate has such parts.
/// </summary>
/// <typeparam name="TAggregate">The aggregate.</typeparam>
public interface IParts<TAggregate> where TAggregate : class, IAggregate<TAggregate>
{
    /// <summary>
    /// Gives each state those parts that the commands are about, and no others. Called after the states were read: a part may be
    /// newer than its state, then the expected version refuses the commit, but never older.
    /// </summary>
    /// <param name="states">The states, by the ids of their streams.</param>
    /// <param name="commands">What is to be decided on them.</param>
    /// <param name="connection">
    /// The connection of the transaction that the states are locked in: who holds one does not wait for another. Null when there is none.
    /// </param>
    /// <param name="cancellation">Stops the work.</param>
    Task<Dictionary<Guid, TAggregate>> CompleteAsync(
        Dictionary<Guid, TAggregate> states, IEnumerable<ICommand<TAggregate>> commands, NpgsqlConnection? connection, CancellationToken cancellation);
}

/// <summary>For an aggregate whose snapshot is all there is.</summary>
internal sealed class NoParts<TAggregate> : IParts<TAggregate> where TAggregate : class, IAggregate<TAggregate>
{
    public Task<Dictionary<Guid, TAggregate>> CompleteAsync(
        Dictionary<Guid, TAggregate> states, IEnumerable<ICommand<TAggregate>> commands, NpgsqlConnection? connection, CancellationToken cancellation) =>
        Task.FromResult(states);
}
