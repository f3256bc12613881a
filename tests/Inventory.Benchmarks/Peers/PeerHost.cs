using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Aggregation;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.Marten;

namespace Inventory.Benchmarks.Peers;

/// <summary>A stock in the way the frameworks' documentation shows it.</summary>
public sealed class Stock
{
    public Guid Id { get; set; }

    public int Version { get; set; }

    public int OnHand { get; set; }

    public void Apply(Received e) => OnHand += e.Quantity;

    public void Apply(Taken e) => OnHand -= e.Quantity;
}

public sealed record Received(int Quantity);

public sealed record Taken(int Quantity, string Reason);

public sealed record Take(Guid StockId, int Quantity, string Reason);

public sealed record TakeExclusively(Guid StockId, int Quantity, string Reason);

public static class TakeHandler
{
    [AggregateHandler]
    public static Taken Handle(Take command, Stock stock) => stock.OnHand >= command.Quantity
        ? new Taken(command.Quantity, command.Reason)
        : throw new InvalidOperationException("There is not enough stock.");
}

public static class TakeExclusivelyHandler
{
    public static async Task Handle(TakeExclusively command, IDocumentSession session)
    {
        var stream = await session.Events.FetchForExclusiveWriting<Stock>(command.StockId);
        if (stream.Aggregate!.OnHand < command.Quantity)
        {
            throw new InvalidOperationException("There is not enough stock.");
        }

        stream.AppendOne(new Taken(command.Quantity, command.Reason));
        await session.SaveChangesAsync();
    }
}

/// <summary>Small services that resolve conflicts as is usual: what the product's own way is compared with.</summary>
internal static class PeerHost
{
    /// <summary>The kinds: retries as the documentation recommends, a row lock, the textbook's seconds, and an empty endpoint.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["framework", "exclusive", "backoff-seconds", "noop"];

    /// <summary>Runs a host until it is killed.</summary>
    public static async Task RunVerbAsync(string[] args)
    {
        var kind = args[1];
        var builder = WebApplication.CreateBuilder(args[2..]);
        builder.Logging.AddFilter("Marten", LogLevel.None).AddFilter("Wolverine", LogLevel.None).AddFilter("Inventory", LogLevel.None);
        if (kind == "noop")
        {
            await using var empty = builder.Build();
            empty.MapGet("/", () => Results.Text("{}"));
            await empty.RunAsync();
            return;
        }

        builder.Services.AddMarten(options =>
        {
            options.Connection(builder.Configuration.GetConnectionString("Inventory")!);
            options.DatabaseSchemaName = kind.Replace('-', '_');
            options.Projections.Snapshot<Stock>(SnapshotLifecycle.Inline);
        }).UseLightweightSessions().IntegrateWithWolverine().ApplyAllDatabaseChangesOnStartup();
        builder.Host.UseWolverine(options =>
        {
            options.ApplicationAssembly = typeof(PeerHost).Assembly;
            options.Policies.AutoApplyTransactions();
            if (kind == "backoff-seconds")
            {
                options.OnException<ConcurrencyException>().RetryWithCooldown(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8));
            }
            else
            {
                options.OnException<ConcurrencyException>().RetryWithCooldown(
                    TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(250)).WithFullJitter();
            }
        });
        await using var app = builder.Build();
        app.MapPost("/stocks/{id:guid}", async (Guid id, IDocumentSession session) =>
        {
            session.Events.StartStream<Stock>(id, new Received(1_000_000_000));
            await session.SaveChangesAsync();
        });
        app.MapPost("/stocks/{id:guid}/taken", (Guid id, Taken body, IMessageBus bus) => kind == "exclusive"
            ? bus.InvokeAsync(new TakeExclusively(id, body.Quantity, body.Reason))
            : bus.InvokeAsync(new Take(id, body.Quantity, body.Reason)));
        await app.RunAsync();
    }
}
