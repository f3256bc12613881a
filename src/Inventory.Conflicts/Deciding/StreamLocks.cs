using Marten;
using Npgsql;
using NpgsqlTypes;

namespace Inventory.Conflicts;

/// <summary>
/// Takes row locks on streams, in the order of their ids: whoever takes several does so in this order, so that two may wait for
/// each other's, but never in a circle.
/// </summary>
public sealed class StreamLocks<TAggregate>(IDocumentStore store) where TAggregate : class, IAggregate<TAggregate>
{
    private readonly string _lock = $"select 1 from {store.Options.Events.DatabaseSchemaName}.mt_streams where id = any($1) order by id for update";

    // A statement of its own: what a query reads beside the lock that it waits for is older than the lock.
    private readonly string _read = $"select data from {store.Options.FindOrResolveDocumentType(typeof(TAggregate)).TableName} where id = any($1)";

    /// <summary>Begins the session's transaction with locks on the streams, and reads their states in the same round trip.</summary>
    /// <returns>The states of those that are there.</returns>
    internal async Task<Dictionary<Guid, TAggregate>> TakeAsync(IDocumentSession session, Guid[] ids, CancellationToken cancellation)
    {
        await session.BeginTransactionAsync(cancellation);
        await using var batch = new NpgsqlBatch(session.Connection);
        foreach (var statement in (string[])[_lock, _read])
        {
            batch.BatchCommands.Add(new(statement) { Parameters = { new() { Value = ids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid } } });
        }

        var states = new Dictionary<Guid, TAggregate>();
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var state = await store.Options.Serializer().FromJsonAsync<TAggregate>(reader, 0, cancellation);
            states.Add(state.Id, state);
        }

        return states;
    }
}
