using System.Collections.Concurrent;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Marten;
using Npgsql;

namespace Inventory.Slices.Insight;

/// <summary>
/// Wakes those who follow a product when it has changed, on any node. When the product list has changed, and at the latest a second after the last
/// time, should that have stopped, one question is asked for all products that are followed here.
/// </summary>
public sealed class ProductWatch : Loop
{
    internal static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Func<Guid[], CancellationToken, Task<Dictionary<Guid, long>>> _versions;
    private readonly Signal _listed;
    private readonly ConcurrentDictionary<Watched, bool> _watched = new();

    public ProductWatch(IDocumentStore store, NpgsqlDataSource database, StoreSignals signals, TimeProvider clock, ILogger<ProductWatch> logger)
        : this((products, cancellation) => VersionsAsync(store, database, products, cancellation), signals.Listed, clock, logger)
    {
    }

    /// <summary>With a store of the caller's own.</summary>
    /// <param name="versions">Asks the store for versions of products.</param>
    /// <param name="listed">The product list has changed.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Where it says what went wrong.</param>
    internal ProductWatch(
        Func<Guid[], CancellationToken, Task<Dictionary<Guid, long>>> versions, Signal listed, TimeProvider clock, ILogger? logger = null)
        : base(clock, logger) =>
        (_versions, _listed) = (versions, listed);

    /// <summary>How many follow a product.</summary>
    internal int Watching => _watched.Count;

    /// <summary>Begins to follow a product, until it is disposed of.</summary>
    public Watched Watch(Guid product)
    {
        var watched = new Watched(product, gone => _watched.TryRemove(gone, out _));
        _watched[watched] = true;
        return watched;
    }

    /// <inheritdoc/>
    protected override Task Next => _listed.Next;

    /// <inheritdoc/>
    protected override TimeSpan AtTheLatest => LookEvery;

    /// <summary>Wakes those whose product has changed.</summary>
    protected override async Task WorkAsync(CancellationToken stopping)
    {
        var all = _watched.Keys;
        if (all.Count == 0)
        {
            return;
        }

        var versions = await _versions([.. all.Select(watched => watched.ProductId).Distinct()], stopping);
        foreach (var watched in all.Where(watched => versions.GetValueOrDefault(watched.ProductId) != watched.Version))
        {
            watched.Version = versions.GetValueOrDefault(watched.ProductId);
            watched.Changed.Raise();
        }
    }

    private static async Task<Dictionary<Guid, long>> VersionsAsync(IDocumentStore store, NpgsqlDataSource database, Guid[] products, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id, version from {store.Options.DatabaseSchemaName}.mt_streams where id = any($1)");
        command.Parameters.Add(new() { Value = products });
        var versions = new Dictionary<Guid, long>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            versions.Add(reader.GetGuid(0), reader.GetInt64(1));
        }

        return versions;
    }
}

/// <summary>A product that somebody follows.</summary>
/// <param name="productId">The product.</param>
/// <param name="end">Ends it.</param>
public sealed class Watched(Guid productId, Action<Watched> end) : IDisposable
{
    /// <summary>The product.</summary>
    public Guid ProductId { get; } = productId;

    /// <summary>The version at which it was last found.</summary>
    public long Version { get; set; }

    /// <summary>It has changed.</summary>
    public Signal Changed { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => end(this);
}
