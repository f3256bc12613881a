using System.Data;
using Inventory.Slices.Cli.Import;
using JasperFx.CommandLine;
using JasperFx.Events;
using Marten;
using Npgsql;
using Spectre.Console;

namespace Inventory.Slices.Cli.Store;

/// <summary>Goes through every product's stream, a few at a time, beside the running service.</summary>
/// <param name="store">The store.</param>
/// <param name="database">Its database.</param>
internal sealed class StoreWalk(IDocumentStore store, NpgsqlDataSource database)
{
    // How the store names what a stream is of. There is one other: Marten's own, for what was rolled back.
    private const string Products = "product";

    private const int TransactionsAtOnce = 4;
    private const int ProductsPerTransaction = 100;
    private const int EventsReadAtOnce = 5_000;

    /// <summary>Does something with the store that a verb's arguments name, and shows how far it is.</summary>
    /// <param name="input">The verb's arguments.</param>
    /// <param name="label">What is done, in a word or two.</param>
    /// <param name="work">What is done.</param>
    public static async Task RunAsync(NetCoreInput input, string label, Func<StoreWalk, ProgressTask, Task> work)
    {
        using var host = input.BuildHost();
        await host.StartAsync();
        try
        {
            var walk = new StoreWalk(host.Services.GetRequiredService<IDocumentStore>(), host.Services.GetRequiredService<NpgsqlDataSource>());
            await FileImport.Progress().StartAsync(progress => work(walk, progress.AddTask(label)));
        }
        finally
        {
            await host.StopAsync();
        }
    }

    /// <summary>The store's schema, with a dot.</summary>
    public string Schema { get; } = $"{store.Options.DatabaseSchemaName}.";

    /// <summary>Does something with every product; some share a transaction, at whose end what it did is written.</summary>
    /// <param name="bar">Shows how far it is.</param>
    /// <param name="isolation">Of these transactions.</param>
    /// <param name="visit">What it does.</param>
    public async Task ForEachAsync(ProgressTask bar, IsolationLevel isolation, Func<ProductVisit, Task> visit)
    {
        await using (var count = database.CreateCommand($"select count(*) from {Schema}mt_streams where type = '{Products}'"))
        {
            bar.MaxValue = Math.Max(1, (long)(await count.ExecuteScalarAsync())!);
        }

        await Parallel.ForEachAsync(IdsAsync(), new ParallelOptions { MaxDegreeOfParallelism = TransactionsAtOnce }, async (ids, _) =>
        {
            await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
            await using var transaction = await connection.BeginTransactionAsync(isolation, CancellationToken.None);
            await using var session = store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
            foreach (var id in ids)
            {
                await visit(new ProductVisit(id, Schema, session, transaction));
            }

            await session.SaveChangesAsync(CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            bar.Increment(ids.Count);
        });
        bar.Value = bar.MaxValue;
    }

    private async IAsyncEnumerable<List<Guid>> IdsAsync()
    {
        var last = Guid.Empty;
        while (true)
        {
            await using var command = database.CreateCommand($"select id from {Schema}mt_streams where type = '{Products}' and id > $1 order by id limit $2");
            command.Parameters.Add(new() { Value = last });
            command.Parameters.Add(new() { Value = ProductsPerTransaction });
            var ids = new List<Guid>();
            await using (var reader = await command.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                {
                    ids.Add(reader.GetGuid(0));
                }
            }

            if (ids.Count == 0)
            {
                yield break;
            }

            last = ids[^1];
            yield return ids;
        }
    }

    /// <summary>One product.</summary>
    internal sealed record ProductVisit(Guid Id, string Schema, IDocumentSession Session, NpgsqlTransaction Transaction)
    {
        /// <summary>Its events after a version, read page by page.</summary>
        public async IAsyncEnumerable<IEvent> EventsAsync(long after = 0)
        {
            for (var from = after + 1; ; from += EventsReadAtOnce)
            {
                var to = from + EventsReadAtOnce;
                var page = await Session.Events.QueryAllRawEvents().Where(e => e.StreamId == Id && e.Version >= from && e.Version < to).OrderBy(e => e.Version).ToListAsync();
                foreach (var e in page)
                {
                    yield return e;
                }

                if (page.Count < EventsReadAtOnce)
                {
                    yield break;
                }
            }
        }

        /// <summary>Reads rows about it; the query knows it as <c>$1</c>.</summary>
        public async Task<List<T>> RowsAsync<T>(string query, Func<NpgsqlDataReader, T> row)
        {
            await using var command = new NpgsqlCommand(query, Transaction.Connection, Transaction) { Parameters = { new() { Value = Id } } };
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<T>();
            while (await reader.ReadAsync())
            {
                rows.Add(row(reader));
            }

            return rows;
        }
    }
}
