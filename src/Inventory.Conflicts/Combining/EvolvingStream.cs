using JasperFx.Events;
using Marten.Events;

namespace Inventory.Conflicts;

/// <summary>A stream while a fold is decided on it: as it was loaded, and what has been appended since.</summary>
internal sealed class EvolvingStream<TAggregate>(TAggregate loaded) where TAggregate : class, IAggregate<TAggregate>
{
    private readonly List<(IEvent Event, TAggregate After)> _changes = [];

    /// <summary>The state in the store.</summary>
    public TAggregate Loaded { get; } = loaded;

    /// <summary>The state after everything appended.</summary>
    public TAggregate Current { get; private set; } = loaded;

    /// <summary>What is to be appended, in order, each with the origin of its own command.</summary>
    public List<object> Appended { get; } = [];

    /// <summary>Appends a command's events.</summary>
    public void Append(Marten.Events.IEventStoreOperations events, IReadOnlyList<object> accepted, CommandContext context, DateTimeOffset now)
    {
        foreach (var data in accepted)
        {
            var e = events.BuildEvent(data);
            e.UserName = context.Actor;
            e.CausationId = context.CommandId.ToString();
            e.CorrelationId = context.TraceId;
            e.Timestamp = now;
            Appended.Add(e);
            Current = TAggregate.Fold(Current, Current.Id, data, new EventOrigin(context.Actor, now));
            _changes.Add((e, Current));
        }
    }

    /// <summary>What was appended after a version, in words.</summary>
    public IReadOnlyList<Change> ChangesSince(long? seenVersion, OnConflictAttribute policy) => seenVersion is not { } seen
        ? []
        : [.. _changes.Where(change => change.After.Version > seen).Select(change => new Change(
            change.After.Version, change.Event.EventType.Name, TAggregate.Describe(change.Event.Data, change.After), change.Event.UserName!,
            change.Event.Timestamp, policy.Clashes(change.Event.EventType)))];
}
