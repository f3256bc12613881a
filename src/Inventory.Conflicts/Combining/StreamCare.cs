using System.Collections.Concurrent;

namespace Inventory.Conflicts;

/// <summary>
/// The streams that need care for a while: those that another node was found writing to are decided under a row lock, so
/// that nodes alternate instead of undoing each other's work, and those that could not be decided go alone.
/// </summary>
internal sealed class StreamCare<TAggregate>(TimeSpan lasts, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, Care> _streams = new();

    /// <summary>Whether the stream is decided under a row lock.</summary>
    public bool IsExclusive(Guid streamId) => Find(streamId) is not null;

    /// <summary>Whether the stream goes alone, because together with others it failed them.</summary>
    public bool GoesAlone(Guid streamId) => Find(streamId) is { Alone: true };

    /// <summary>Somebody else was found writing to the stream, or holding it.</summary>
    public void Contended(Guid streamId) => _streams.AddOrUpdate(
        streamId, static (_, now) => new Care(now, null, false), static (_, care, now) => care with { Since = now }, clock.GetTimestamp());

    /// <summary>The stream could not be decided even alone.</summary>
    public void Failed(Guid streamId) => _streams[streamId] = new Care(clock.GetTimestamp(), null, true);

    /// <summary>The fold was committed. When somebody else has written since the last time, the care begins anew.</summary>
    public void Committed(Fold<TAggregate> fold)
    {
        if (_streams.TryGetValue(fold.StreamId, out var care))
        {
            var undisturbed = care.LeftAtVersion is null || care.LeftAtVersion == fold.LoadedVersion;
            _streams[fold.StreamId] = new Care(undisturbed ? care.Since : clock.GetTimestamp(), fold.LeftAtVersion, Alone: false);
        }
    }

    private Care? Find(Guid streamId)
    {
        if (!_streams.TryGetValue(streamId, out var care))
        {
            return null;
        }

        if (clock.GetElapsedTime(care.Since) < lasts)
        {
            return care;
        }

        _streams.TryRemove(new(streamId, care));
        return null;
    }

    private sealed record Care(long Since, long? LeftAtVersion, bool Alone);
}
