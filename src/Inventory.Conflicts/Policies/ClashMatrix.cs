using System.Reflection;

namespace Inventory.Conflicts;

/// <summary>
/// The closed matrix of commands and events: of every event type that may be unseen, each command says whether it
/// clashes. A cell that nobody filled is a fault, so an event added later cannot be forgotten.
/// </summary>
public static class ClashMatrix
{
    /// <summary>The aggregate that a command changes, or null when it does not say (<see cref="ICommand{TAggregate}"/>).</summary>
    public static Type? AggregateOf(Type commandType)
    {
        ArgumentNullException.ThrowIfNull(commandType);
        return commandType.GetInterfaces()
            .FirstOrDefault(i => i.IsGenericType && (i.GetGenericTypeDefinition() == typeof(ICommand<>) || i.GetGenericTypeDefinition() == typeof(ICommandOnMany<>)))?
            .GetGenericArguments()[0];
    }

    /// <summary>Every type of event that may follow the first of an aggregate's stream.</summary>
    public static IReadOnlyList<Type> LaterEventTypesOf(Type aggregateType)
    {
        ArgumentNullException.ThrowIfNull(aggregateType);
        var of = typeof(ClashMatrix).GetMethod(nameof(LaterEventTypes), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (IReadOnlyList<Type>)of.MakeGenericMethod(aggregateType).Invoke(null, null)!;
    }

    /// <summary>What is wrong with a command's row of the matrix, in words that say what to write where; null when it is fine.</summary>
    internal static string? Fault(Type commandType, OnConflictAttribute policy)
    {
        if (AggregateOf(commandType) is not { } aggregate)
        {
            return $"{commandType.FullName} changes a stream but does not say how it is decided. "
                   + $"Let it implement ICommand<{commandType.Name}, …> with a static Decide.";
        }

        var events = LaterEventTypesOf(aggregate);
        var unsaid = events.Except(policy.ClashesWith).Except(policy.CompatibleWith).ToArray();
        var saidTwice = policy.ClashesWith.Intersect(policy.CompatibleWith).ToArray();
        var foreign = policy.ClashesWith.Concat(policy.CompatibleWith).Except(events).ToArray();
        return (policy.Resolve, policy.ClashesWith.Length) switch
        {
            _ when unsaid.Length > 0 =>
                $"{commandType.FullName} does not say whether {Names(unsaid)} clashes with it. Could an event of that type, unseen, "
                + $"have changed the mind of whoever sent the command? Then add it to ClashesWith of its [OnConflict], else to CompatibleWith: {TypeOfs(unsaid)}.",
            _ when saidTwice.Length > 0 =>
                $"{commandType.FullName} says of {Names(saidTwice)} both that it clashes and that it does not. Keep one of the two.",
            _ when foreign.Length > 0 =>
                $"{commandType.FullName} names {Names(foreign)}, which may not follow the first event of a {aggregate.Name} stream. "
                + $"Remove it from [OnConflict], or add it to {aggregate.Name}.LaterEventTypes.",
            (Resolve.Reject, _) when policy.Folds =>
                $"{commandType.FullName} declares Reject and Folds: whoever must have looked has not seen what its neighbours do. Remove Folds.",
            (Resolve.Retry, > 0) =>
                $"{commandType.FullName} declares Retry, which means that nothing clashes. Move what is in ClashesWith to CompatibleWith, or declare Resolve.Merge.",
            (Resolve.Merge or Resolve.Reject, 0) =>
                $"{commandType.FullName} declares {policy.Resolve} but nothing clashes with it. Move what does from CompatibleWith to ClashesWith, or declare Resolve.Retry.",
            _ => null,
        };
    }

    private static string Names(Type[] types) => string.Join(", ", types.Select(type => type.Name));

    private static string TypeOfs(Type[] types) => string.Join(", ", types.Select(type => $"typeof({type.Name})"));

    private static IReadOnlyList<Type> LaterEventTypes<TAggregate>() where TAggregate : class, IAggregate<TAggregate> => TAggregate.LaterEventTypes;
}
