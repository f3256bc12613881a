using System.Collections.Immutable;

namespace Inventory.Conflicts;

/// <summary>
/// The last version at which each kind of event happened in a stream, kept with the aggregate's snapshot. Whether anything that
/// clashes came after a version is then one comparison, however many versions lie between.
/// </summary>
/// <param name="UpTo">The version of the state that it belongs to; beside a state of another version it says nothing.</param>
/// <param name="From">It knows of all events after this version; 0 when of all.</param>
/// <param name="Of">Versions by kind: the name of the event's type, and of the part that it touches, if the aggregate has parts.</param>
/// <remarks>
/// A snapshot that was written without it, by an earlier version of the service, has none. It begins anew with the next event, and
/// what came before is looked for among the events, as long as nobody rebuilds the snapshot.
/// </remarks>
public sealed record LastVersions(long UpTo, long From, ImmutableDictionary<string, long> Of)
{
    /// <summary>What is remembered after one more event.</summary>
    /// <param name="before">What was remembered before it; null when nothing was.</param>
    /// <param name="version">The event's version.</param>
    /// <param name="eventType">The event's type.</param>
    /// <param name="part">The part of the aggregate that it touches; null when it touches none in particular.</param>
    public static LastVersions After(LastVersions? before, long version, Type eventType, string? part = null)
    {
        ArgumentNullException.ThrowIfNull(eventType);
        var (from, of) = before?.UpTo == version - 1 ? (before.From, before.Of) : (version - 1, ImmutableDictionary<string, long>.Empty);
        return new LastVersions(version, from, of.SetItem(Key(eventType.Name, part), version));
    }

    /// <summary>The version of the newest event after a version that is not among these; null when there is none.</summary>
    internal long? NewestAfter(long version, IReadOnlyCollection<string> compatible)
    {
        var newest = Of.Where(kind => !compatible.Contains(KindOf(kind.Key))).Select(kind => kind.Value).DefaultIfEmpty().Max();
        return newest > version ? newest : null;
    }

    /// <summary>Bookkeeping is no part of what an aggregate is: states that differ in nothing else are equal.</summary>
    public bool Equals(LastVersions? other) => true;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;

    private static string Key(string kind, string? part) => part is null ? kind : $"{kind}@{part}";

    private static string KindOf(string key) => key.Split('@')[0];
}
