namespace Inventory.Conflicts;

/// <summary>
/// A command whose sender can settle its conflict: the conflict answer says what each way of settling comes to, and the
/// command, sent again with the same seen version, names one.
/// </summary>
/// <typeparam name="TAggregate">The aggregate the command changes.</typeparam>
public interface ISettlesConflicts<TAggregate> where TAggregate : class, IAggregate<TAggregate>
{
    /// <summary>The ways of settling, by name, with what each comes to.</summary>
    /// <param name="seen">The state the sender decided on.</param>
    /// <param name="current">The state now.</param>
    IReadOnlyDictionary<string, object> Options(TAggregate seen, TAggregate current);

    /// <summary>What the command comes to in the way that its sender named; null when it named none.</summary>
    Decision? Settle(TAggregate seen, TAggregate current);
}
