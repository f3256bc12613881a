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
    [Description("Which one: products (the catalogue and low stock) or movements")]
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
    private static readonly Dictionary<string, Func<StoreWalk.ProductVisit, Task>> Rebuilds = new()
    {
        [ProductListProjection.Name] = ListAsync,
        [MovementProjection.Name] = CountAsync,
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
