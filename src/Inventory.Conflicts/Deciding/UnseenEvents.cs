using JasperFx.Events;
using Marten;
using Marten.Events;

namespace Inventory.Conflicts;

/// <summary>The events between the version a caller decided on and the version the service loaded.</summary>
/// <param name="Listed">The newest of them in words, oldest first; at most <see cref="ListedMax"/>.</param>
/// <param name="Count">How many there are.</param>
/// <param name="ClashCount">How many of them clash with the caller's command.</param>
public sealed record UnseenEvents(IReadOnlyList<Change> Listed, long Count, long ClashCount)
{
    /// <summary>How many unseen events an answer tells in words, at most. The rest is only counted.</summary>
    public const int ListedMax = 100;

    internal static UnseenEvents None { get; } = new([], 0, 0);

    internal static async Task<UnseenEvents> LoadAsync<TAggregate>(
        IQuerySession session, TAggregate current, long? seenVersion, OnConflictAttribute policy, CancellationToken cancellation)
        where TAggregate : class, IAggregate<TAggregate>
    {
        if (seenVersion is not { } seen || current.Version <= seen)
        {
            return None;
        }

        // Bounded by the loaded version: what came later belongs to the next attempt, not to the state decided on.
        var streamId = current.Id;
        var currentVersion = current.Version;
        var newestFirst = await session.Events.QueryAllRawEvents()
            .Where(e => e.StreamId == streamId && e.Version > seen && e.Version <= currentVersion)
            .OrderByDescending(e => e.Version)
            .Take(ListedMax)
            .ToListAsync(cancellation);

        var listed = InWords(newestFirst, current, policy);
        var count = currentVersion - seen;
        var clashCount = listed.LongCount(change => change.Clashes);
        if (count > listed.Count)
        {
            clashCount += await CountOlderClashesAsync(session, streamId, seen, listed[0].Version, policy, cancellation);
        }

        return new UnseenEvents(listed, count, clashCount);
    }

    /// <summary>These and later ones that are not in the store yet.</summary>
    internal UnseenEvents And(IReadOnlyList<Change> later)
    {
        var omitted = Math.Max(0, Listed.Count + later.Count - ListedMax);
        return later.Count == 0
            ? this
            : new UnseenEvents([.. Listed.Concat(later).Skip(omitted)], Count + later.Count, ClashCount + later.LongCount(change => change.Clashes));
    }

    private static List<Change> InWords<TAggregate>(
        IReadOnlyList<IEvent> newestFirst, TAggregate current, OnConflictAttribute policy)
        where TAggregate : class, IAggregate<TAggregate>
    {
        var changes = new List<Change>(newestFirst.Count);
        var after = current;
        foreach (var e in newestFirst)
        {
            changes.Add(new Change(
                e.Version, e.EventType.Name, TAggregate.Describe(e.Data, after), e.UserName ?? CommandContext.System,
                e.Timestamp.ToUniversalTime(), policy.Clashes(e.EventType)));
            after = TAggregate.Unfold(after, e.Data);
        }

        changes.Reverse();
        return changes;
    }

    private static async Task<long> CountOlderClashesAsync(
        IQuerySession session, Guid streamId, long seenVersion, long firstListed, OnConflictAttribute policy,
        CancellationToken cancellation)
    {
        var older = session.Events.QueryAllRawEvents()
            .Where(e => e.StreamId == streamId && e.Version > seenVersion && e.Version < firstListed);
        var compatible = policy.CompatibleWith.Length == 0
            ? 0
            : await older.Where(e => e.EventTypesAre(policy.CompatibleWith)).LongCountAsync(cancellation);
        return firstListed - seenVersion - 1 - compatible;
    }
}
