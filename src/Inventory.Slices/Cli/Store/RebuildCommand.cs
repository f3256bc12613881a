using System.Collections.Immutable;
using System.Data;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using JasperFx;
using JasperFx.CommandLine;
using Npgsql;
using Spectre.Console;

namespace Inventory.Slices.Cli.Store;

/// <summary>What <c>rebuild</c> takes.</summary>
public sealed class RebuildInput : NetCoreInput
{
    [Description("Which one: products (the catalogue and low stock), movements, or snapshots (the products themselves)")]
    public string Projection { get; set; } = "";

    [Description("Print the result as JSON; everything else goes to the standard error output")]
    public bool JsonFlag { get; set; }
}

/// <summary>
/// The verb that writes the rows of a projection again from the events, product by product in place. The service runs on, no list is empty
/// meanwhile, and the projection goes on beside it.
/// </summary>
[Description("Write every row of a projection again from the events, while the service runs", Name = "rebuild")]
public sealed class RebuildCommand : JasperFxAsyncCommand<RebuildInput>
{
    /// <summary>The snapshots beside the streams, as the verb names them.</summary>
    private const string Snapshots = "snapshots";

    private static readonly Dictionary<string, Func<StoreWalk.ProductVisit, Task>> Rebuilds = new()
    {
        [ProductListProjection.Name] = ListAsync,
        [MovementProjection.Name] = CountAsync,
        [Snapshots] = RememberAsync,
    };

    /// <summary>Describes its use.</summary>
    public RebuildCommand() => Usage("Rebuild a projection").Arguments(x => x.Projection);

    /// <inheritdoc/>
    public override async Task<bool> Execute(RebuildInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!Rebuilds.TryGetValue(input.Projection, out var rebuild))
        {
            AnsiConsole.WriteLine($"There is no projection “{input.Projection}”: it is {string.Join(" or ", Rebuilds.Keys)}.");
            return false;
        }

        var rebuilt = 0L;
        await StoreWalk.RunAsync(input, $"Rebuilding {input.Projection}", (walk, bar) => walk.ForEachAsync(bar, IsolationLevel.ReadCommitted, async product =>
        {
            await rebuild(product);
            Interlocked.Increment(ref rebuilt);
        }));
        if (input.JsonFlag)
        {
            await ProgramOutput.WriteAsync(new { input.Projection, Products = rebuilt });
        }

        AnsiConsole.WriteLine($"{rebuilt} products were written again. “verify-store” compares them with the events.");
        return true;
    }

    private static async Task ListAsync(StoreWalk.ProductVisit product)
    {
        Product? folded = null;
        var at = default(DateTimeOffset);
        await foreach (var e in product.EventsAsync())
        {
            (folded, at) = (Product.Fold(folded, product.Id, e.Data) with { Reservations = ImmutableDictionary<Guid, Reservation>.Empty }, e.Timestamp.ToUniversalTime());
        }

        if (folded is not null)
        {
            ProductListProjection.Write(product.Session, [ProductListItem.Of(folded, at)]);
        }
    }

    /// <summary>Writes the snapshot again. Only the events that come meanwhile are folded while nobody else can write to the stream.</summary>
    private static async Task RememberAsync(StoreWalk.ProductVisit product)
    {
        var folded = await FoldOnAsync(null);
        if (folded is null)
        {
            return;
        }

        await product.RowsAsync($"select 1 from {product.Schema}mt_streams where id = $1 for update", row => row.GetInt32(0));
        folded = await FoldOnAsync(folded);
        product.Session.QueueSqlCommand(
            $"update {product.Schema}mt_doc_product set data = ?::jsonb where id = ?",
            product.Session.DocumentStore.Options.Serializer().ToJson(folded!), product.Id);

        async Task<Product?> FoldOnAsync(Product? state)
        {
            await foreach (var e in product.EventsAsync(after: state?.Version ?? 0))
            {
                // Reservations are kept elsewhere; all that were ever made would not fit into memory.
                state = Product.Fold(state, product.Id, e.Data) with { Reservations = ImmutableDictionary<Guid, Reservation>.Empty };
            }

            return state;
        }
    }

    private static async Task CountAsync(StoreWalk.ProductVisit product)
    {
        // Before anything is read: from here on nobody else adds.
        await using (var turn = new NpgsqlCommand(string.Join(';', MovementProjection.TakeTurnsOfRebuild(product.Session)), product.Transaction.Connection, product.Transaction))
        {
            await turn.ExecuteNonQueryAsync();
        }

        product.Session.QueueSqlCommand($"delete from {product.Schema}{MovementTable.Name} where product_id = ?", product.Id);
        // Day by day, so that it does not matter how many events there are.
        var moved = new Dictionary<DateOnly, Movement>();
        await foreach (var e in product.EventsAsync())
        {
            if (Movement.Of(e) is { } movement)
            {
                var before = moved.GetValueOrDefault(movement.Day);
                moved[movement.Day] = movement with
                {
                    In = before.In + movement.In,
                    Out = before.Out + movement.Out,
                    Correction = before.Correction + movement.Correction,
                };
            }
        }

        if (moved.Count > 0)
        {
            MovementProjection.Add(product.Session, [.. moved.Values]);
        }
    }
}
