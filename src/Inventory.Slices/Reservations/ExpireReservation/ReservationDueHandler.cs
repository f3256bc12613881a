using System.Diagnostics;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.Runtime.Handlers;

namespace Inventory.Slices.Reservations;

/// <summary>Ends a reservation whose time is over, through the same entry as every command.</summary>
public static class ReservationDueHandler
{
    /// <summary>A database that is away, or a product that everybody wants, is no reason to forget a promise.</summary>
    public static void Configure(HandlerChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        chain.OnAnyException().ScheduleRetryIndefinitely(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30));
    }

    public static async Task Handle(ReservationDue due, CommandSender<Product> sender, Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(due);
        ArgumentNullException.ThrowIfNull(envelope);
        var context = new CommandContext(CommandContext.System, envelope.Id, Precondition.None)
        {
            MayBeRepeated = true,
            TraceId = Activity.Current?.Id ?? envelope.CorrelationId,
        };
        var outcome = await sender.SendAsync(due.ProductId, new ExpireReservation(due.ProductId, due.ReservationId), context);
        if (outcome is not (Outcome<Product>.Accepted or Outcome<Product>.Refused or Outcome<Product>.Replayed))
        {
            throw new InvalidOperationException($"Reservation {due.ReservationId} could not be ended yet: {outcome.GetType().Name}.");
        }
    }
}
