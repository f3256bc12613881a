using JasperFx.Events;
using Marten;
using Marten.Events;

namespace Inventory.Conflicts;

/// <summary>The events between the version a caller decided on and the version the service loaded.</summary>
/// <param name="Listed">
/// Some of them in words, oldest first; at most <see cref="ListedMax"/>, the newest, and the newest that clashes. Empty when nobody is to
/// be told.
/// </param>
/// <param name="Count">How many there are.</param>
/// <param name="ClashCount">How many of them clash with the caller's command, as far as that is known.</param>
public sealed record UnseenEvents(IReadOnlyList<Change> Listed, long Count, long ClashCount)
{
    /// <summary>How many unseen events an answer tells in words, at most. The rest is only counted.</summary>
    public const int ListedMax = 100;

    /// <summary>Whether more than <see cref="ClashCount"/> may clash: of the older ones it is not looked up. Default: false.</summary>
    public bool MayClashMore { get; init; }

    internal static UnseenEvents None { get; } = new([], 0, 0);

    /// <summary>Finds out whether unseen events clash, and puts those into words of which the caller is told.</summary>
    /// <param name="newest">The newest events of the state.</param>
    /// <param name="session">Where older ones are looked for, when the state does not remember them.</param>
    /// <param name="current">The state.</param>
    /// <param name="seenVersion">The version the caller decided on; null for none.</param>
    /// <param name="policy">What clashes.</param>
    /// <param name="isTold">Whether the caller is told of them also when nothing clashes.</param>
    /// <param name="cancellation">Stops the work.</param>
    internal static async Task<UnseenEvents> LoadAsync<TAggregate>(
        NewestEvents<TAggregate> newest, IQuerySession session, TAggregate current, long? seenVersion, OnConflictAttribute policy, bool isTold,
        CancellationToken cancellation)
        where TAggregate : class, IAggregate<TAggregate>
    {
        if (seenVersion is not { } seen || current.Version <= seen)
        {
            return None;
        }

        var count = current.Version - seen;
        var remembered = current.LastVersions is { } last && last.UpTo == current.Version && last.From <= seen ? last : null;
        var newestClash = remembered?.NewestAfter(seen, policy.CompatibleNames);
        if (remembered is not null && newestClash is null && !isTold)
        {
            return new UnseenEvents([], count, 0);
        }

        var listed = (await newest.AfterAsync(seen, cancellation)).Select(told => told.For(policy)).ToList();
        var clashes = listed.LongCount(change => change.Clashes);
        if (count == listed.Count)
        {
            return new UnseenEvents(listed, count, clashes);
        }

        if (remembered is null)
        {
            clashes += await CountOlderClashesAsync(session, current.Id, seen, listed[0].Version, policy, cancellation);
            return new UnseenEvents(listed, count, clashes);
        }

        if (newestClash is { } older && older < listed[0].Version)
        {
            listed[0] = (await newest.AtAsync(older, cancellation)).For(policy);
            clashes = 1;
        }

        return new UnseenEvents(listed, count, clashes) { MayClashMore = clashes > 0 };
    }

    /// <summary>These and later ones that are not in the store yet.</summary>
    internal UnseenEvents And(IReadOnlyList<Change> later)
    {
        if (later.Count == 0)
        {
            return this;
        }

        var listed = Listed.Concat(later).ToList();
        while (listed.Count > ListedMax)
        {
            // The oldest goes, but for one that clashes: that is what the caller has to know.
            listed.RemoveAt(Math.Max(0, listed.FindIndex(change => !change.Clashes)));
        }

        return this with
        {
            Listed = listed,
            Count = Count + later.Count,
            ClashCount = ClashCount + later.LongCount(change => change.Clashes),
        };
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
