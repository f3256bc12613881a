using System.Collections.Concurrent;
using Inventory.Slices.Hosting;
using Marten;
using Npgsql;

namespace Inventory.Slices.Insight;

/// <summary>
/// Wakes those who follow a product when it has changed, on any node. When the product list has changed, and at the latest a second after the last
/// time, should that have stopped, one question is asked for all products that are followed here.
/// </summary>
public sealed class ProductWatch(IDocumentStore store, NpgsqlDataSource database, StoreSignals signals) : BackgroundService
{
    private readonly string _question = $"select id, version from {store.Options.DatabaseSchemaName}.mt_streams where id = any($1)";
    private static readonly TimeSpan AtTheLatest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Watched, bool> _watched = new();

    /// <summary>Begins to follow a product, until it is disposed of.</summary>
    public Watched Watch(Guid product)
    {
        var watched = new Watched(product, gone => _watched.TryRemove(gone, out _));
        _watched[watched] = true;
        return watched;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = signals.Listed.Next;
            try
            {
                await WakeAsync([.. _watched.Keys], stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
            {
                // It is asked again in a second.
            }

            await next.WaitAsync(AtTheLatest, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WakeAsync(IReadOnlyCollection<Watched> all, CancellationToken cancellation)
    {
        if (all.Count == 0)
        {
            return;
        }

        await using var command = database.CreateCommand(_question);
        command.Parameters.Add(new() { Value = all.Select(watched => watched.ProductId).Distinct().ToArray() });
        var versions = new Dictionary<Guid, long>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            versions.Add(reader.GetGuid(0), reader.GetInt64(1));
        }

        foreach (var watched in all.Where(watched => versions.GetValueOrDefault(watched.ProductId) != watched.Version))
        {
            watched.Version = versions.GetValueOrDefault(watched.ProductId);
            watched.Changed.Raise();
        }
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
