using System.Collections.Concurrent;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Tests.Conflicts;

/// <summary>A command under the Retry policy whose handler also publishes a message; the service itself has none.</summary>
[OnConflict(Resolve.Retry, CompatibleWith =
[
    typeof(ProductRenamed), typeof(StockAdjusted), typeof(StockCounted), typeof(ReorderPointSet), typeof(StockReserved), typeof(ReservationCommitted),
    typeof(ReservationReleased), typeof(ReservationExpired), typeof(ProductDiscontinued), typeof(ProductReinstated),
])]
public sealed record SellAndTell(Guid ProductId, int Quantity) : ICommand<SellAndTell, Product>
{
    public static Decision Decide(SellAndTell command, Product current, DateTimeOffset now) =>
        current.Available < command.Quantity
            ? Decision.Refuse(new InsufficientStock(command.Quantity, current.Available))
            : Decision.Accept(new StockAdjusted(-command.Quantity, "sale", null));
}

public sealed record Sold(Guid ProductId, int Quantity);

public static class SellAndTellHandler
{
    [AggregateHandler]
    public static async Task<(Outcome<Product>, Sold)> Handle(
        SellAndTell command, IEventStream<Product> stream, Deciding<Product> deciding, CancellationToken cancellation) =>
        (await deciding.OnAsync(stream, command, cancellation), new Sold(command.ProductId, command.Quantity));
}

/// <summary>Receives what was published.</summary>
public static class SoldHandler
{
    public static ConcurrentQueue<Sold> Received { get; } = [];

    public static void Handle(Sold sold) => Received.Enqueue(sold);
}
