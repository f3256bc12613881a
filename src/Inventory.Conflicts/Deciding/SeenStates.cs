using Marten;

namespace Inventory.Conflicts;

/// <summary>Finds the state that a caller looked at, from today's: backwards over what it has not seen.</summary>
internal static class SeenStates
{
    /// <summary>How far back is looked, in events. Whoever saw an older version is not asked how to settle a conflict.</summary>
    public const int EventsMax = 1_000;

    /// <summary>The state at a version, or null when that is too far back.</summary>
    public static async Task<TAggregate?> LoadAsync<TAggregate>(
        IQuerySession session, TAggregate current, long seenVersion, CancellationToken cancellation)
        where TAggregate : class, IAggregate<TAggregate>
    {
        if (seenVersion < 1 || current.Version - seenVersion > EventsMax)
        {
            return null;
        }

        var (streamId, version) = (current.Id, current.Version);
        var newestFirst = await session.Events.QueryAllRawEvents()
            .Where(e => e.StreamId == streamId && e.Version > seenVersion && e.Version <= version)
            .OrderByDescending(e => e.Version)
            .ToListAsync(cancellation);
        return newestFirst.Aggregate(current, (after, e) => TAggregate.Unfold(after, e.Data));
    }
}
