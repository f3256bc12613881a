namespace Inventory.Conflicts;

/// <summary>What the conflict mechanism has to know of an event-sourced aggregate. All members are pure and total.</summary>
/// <typeparam name="TSelf">The aggregate; an immutable record whose fold makes a new one.</typeparam>
public interface IAggregate<TSelf> where TSelf : class, IAggregate<TSelf>
{
    /// <summary>The stream's id.</summary>
    Guid Id { get; }

    /// <summary>The version of the stream that this state reflects; 1 after the first event.</summary>
    long Version { get; }

    /// <summary>
    /// When each kind of event happened last, kept by the fold and stored with the snapshot (<see cref="Conflicts.LastVersions.After"/>). Default:
    /// null, then unseen events are counted whenever somebody has not seen more than can be listed.
    /// </summary>
    LastVersions? LastVersions => null;

    /// <summary>
    /// Every type of event that may follow the first of a stream. Each command says of each whether it clashes; the
    /// first is never unseen, because nobody decides on a stream before it began.
    /// </summary>
    static abstract IReadOnlyList<Type> LaterEventTypes { get; }

    /// <summary>The state after one more event of the stream, at the next version.</summary>
    static abstract TSelf Fold(TSelf? state, Guid id, object @event);

    /// <summary>The same, for an aggregate whose decisions want to know who did what when. Default: they do not.</summary>
    static virtual TSelf Fold(TSelf? state, Guid id, object @event, EventOrigin origin) => TSelf.Fold(state, id, @event);

    /// <summary>
    /// The state before an event, as far as it takes to put the events before it in words. It lets the changes since
    /// any version be told from today's state, without folding the stream from its beginning.
    /// </summary>
    static abstract TSelf Unfold(TSelf after, object @event);

    /// <summary>The event in words a user understands, given the state right after it.</summary>
    static abstract string Describe(object @event, TSelf after);

    /// <summary>The event in words, without a state: for one that lies too far back to know the state after it. Default: its type's name.</summary>
    static virtual string Describe(object @event) => @event.GetType().Name;
}

/// <summary>Who brought an event about, and when.</summary>
/// <param name="Actor">Who, as history names them.</param>
/// <param name="At">When, UTC.</param>
public sealed record EventOrigin(string Actor, DateTimeOffset At);
