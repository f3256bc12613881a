using Marten;

namespace Inventory.Conflicts;

/// <summary>
/// The newest events of a stream up to a state, in words. They are read when somebody is told of them, and once for all commands that are
/// decided on the state.
/// </summary>
internal sealed class NewestEvents<TAggregate>(IQuerySession session, TAggregate current) where TAggregate : class, IAggregate<TAggregate>
{
    private List<Told> _newestFirst = [];

    /// <summary>The newest events after a version, oldest first; at most <see cref="UnseenEvents.ListedMax"/>.</summary>
    public async Task<IEnumerable<Told>> AfterAsync(long version, CancellationToken cancellation)
    {
        var wanted = (int)Math.Min(UnseenEvents.ListedMax, current.Version - version);
        if (_newestFirst.Count < wanted)
        {
            // Bounded by the loaded version: what came later belongs to the next attempt, not to the state decided on.
            var (streamId, last, first) = (current.Id, current.Version, current.Version - wanted);
            var events = await session.Events.QueryAllRawEvents()
                .Where(e => e.StreamId == streamId && e.Version > first && e.Version <= last)
                .OrderByDescending(e => e.Version)
                .ToListAsync(cancellation);
            var told = new List<Told>(events.Count);
            var after = current;
            foreach (var e in events)
            {
                told.Add(Told.Of(e, TAggregate.Describe(e.Data, after)));
                after = TAggregate.Unfold(after, e.Data);
            }

            _newestFirst = told;
        }

        return _newestFirst.Take(wanted).Reverse();
    }

    /// <summary>The event of one version, in words that need no state.</summary>
    public async Task<Told> AtAsync(long version, CancellationToken cancellation)
    {
        var streamId = current.Id;
        var e = await session.Events.QueryAllRawEvents().SingleAsync(e => e.StreamId == streamId && e.Version == version, cancellation);
        return Told.Of(e, TAggregate.Describe(e.Data));
    }

    /// <summary>One event.</summary>
    internal sealed record Told(long Version, Type EventType, string Summary, string Actor, DateTimeOffset At)
    {
        public static Told Of(JasperFx.Events.IEvent e, string summary) => new(
            e.Version, e.EventType, summary, e.UserName ?? CommandContext.System, e.Timestamp.ToUniversalTime());

        /// <summary>As a caller is told of it.</summary>
        public Change For(OnConflictAttribute policy) => new(Version, EventType.Name, Summary, Actor, At, policy.Clashes(EventType));
    }
}
