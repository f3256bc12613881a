using Microsoft.Extensions.Caching.Memory;

namespace Inventory.Conflicts;

/// <summary>
/// The states at which this node's last commits left their streams. A command that is accepted on one needs no read: the
/// expected version and the receipt's key prove at the commit that nothing was missed. Whatever else comes out is decided
/// again on what is read. Versions prove that within one history of the database, so a state is only found in its own.
/// </summary>
/// <param name="options">How many are kept, and how long.</param>
/// <param name="history">The history of the database.</param>
/// <param name="clock">The clock.</param>
internal sealed class KnownStates<TAggregate>(ConflictOptions options, DatabaseHistory history, TimeProvider clock) : IDisposable
    where TAggregate : class
{
    private readonly MemoryCache _states = new(new MemoryCacheOptions { SizeLimit = options.KnownStatesMax });

    /// <summary>The history in which states are found now.</summary>
    public long History => history.Number;

    public TAggregate? Find(Guid streamId) =>
        _states.Get<Known>(streamId) is { } known && known.History == History && clock.GetElapsedTime(known.Since) < options.KnownStatesKept
            ? known.State
            : null;

    /// <summary>Keeps a state that was committed in a history.</summary>
    public void Keep(Guid streamId, TAggregate state, long committedIn) =>
        _states.Set(streamId, new Known(state, committedIn, clock.GetTimestamp()), new MemoryCacheEntryOptions { Size = 1 });

    public void Forget(Guid streamId) => _states.Remove(streamId);

    /// <summary>A connection was lost.</summary>
    public void ForgetAll() => history.Break();

    public void Dispose() => _states.Dispose();

    private sealed record Known(TAggregate State, long History, long Since);
}
