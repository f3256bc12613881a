using System.Collections.Concurrent;

namespace Inventory.Conflicts;

/// <summary>
/// The streams that need care for a while: those that another node was found writing to are decided under a row lock, so
/// that nodes alternate instead of undoing each other's work, and those that could not be decided go alone.
/// </summary>
internal sealed class StreamCare<TAggregate>(TimeSpan lasts, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, Care> _streams = new();
    private long _tidied = clock.GetTimestamp();

    /// <summary>How many streams are being cared for.</summary>
    public int Count
    {
        get
        {
            Tidy(clock.GetTimestamp());
            return _streams.Count;
        }
    }

    /// <summary>Whether the stream is decided under a row lock.</summary>
    public bool IsExclusive(Guid streamId) => Find(streamId) is not null;

    /// <summary>Whether the stream goes alone, because together with others it failed them.</summary>
    public bool GoesAlone(Guid streamId) => Find(streamId) is { Alone: true };

    /// <summary>Somebody else was found writing to the stream, or holding it.</summary>
    public void Contended(Guid streamId)
    {
        var now = clock.GetTimestamp();
        TidyNowAndThen(now);
        _streams.AddOrUpdate(streamId, static (_, now) => new Care(now, null, false), static (_, care, now) => care with { Since = now }, now);
    }

    /// <summary>The stream could not be decided even alone.</summary>
    public void Failed(Guid streamId)
    {
        var now = clock.GetTimestamp();
        TidyNowAndThen(now);
        _streams[streamId] = new Care(now, null, true);
    }

    /// <summary>The fold was committed. When somebody else has written since the last time, the care begins anew.</summary>
    public void Committed(Fold<TAggregate> fold)
    {
        if (_streams.TryGetValue(fold.StreamId, out var care))
        {
            var undisturbed = care.LeftAtVersion is null || care.LeftAtVersion == fold.LoadedVersion;
            _streams[fold.StreamId] = new Care(undisturbed ? care.Since : clock.GetTimestamp(), fold.LeftAtVersion, Alone: false);
        }
    }

    /// <summary>Nobody may ever ask for a stream again, so those whose time is over are looked for when others are added.</summary>
    private void TidyNowAndThen(long now)
    {
        if (clock.GetElapsedTime(Interlocked.Read(ref _tidied), now) >= lasts)
        {
            Interlocked.Exchange(ref _tidied, now);
            Tidy(now);
        }
    }

    private void Tidy(long now)
    {
        foreach (var stream in _streams)
        {
            if (clock.GetElapsedTime(stream.Value.Since, now) >= lasts)
            {
                _streams.TryRemove(stream);
            }
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
