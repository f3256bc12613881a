using Microsoft.Extensions.Caching.Memory;

namespace Inventory.Conflicts;

/// <summary>
/// The states at which this node's last commits left their streams. A command that is accepted on one needs no read: the
/// expected version and the receipt's key prove at the commit that nothing was missed. Whatever else comes out is decided
/// again on what is read.
/// </summary>
/// <param name="max">How many are kept.</param>
internal sealed class KnownStates<TAggregate>(int max) : IDisposable where TAggregate : class
{
    private readonly MemoryCache _states = new(new MemoryCacheOptions { SizeLimit = max });

    public TAggregate? Find(Guid streamId) => _states.Get<TAggregate>(streamId);

    public void Keep(Guid streamId, TAggregate state) => _states.Set(streamId, state, new MemoryCacheEntryOptions { Size = 1 });

    public void Forget(Guid streamId) => _states.Remove(streamId);

    public void Dispose() => _states.Dispose();
}
