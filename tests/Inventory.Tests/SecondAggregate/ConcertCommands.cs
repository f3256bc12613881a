using Inventory.Conflicts;
using JasperFx.Events;
using Wolverine.Marten;

namespace Inventory.Tests.SecondAggregate;

public sealed record SoldOut(int SeatsLeft) : Refusal("There are not as many seats left.");

public sealed record ConcertIsOff() : Refusal("The concert was cancelled.");

[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(ConcertCancelled)],
    CompatibleWith = [typeof(TicketsSold), typeof(TicketsGivenBack), typeof(ConcertRetitled)])]
public sealed record SellTickets(Guid ConcertId, int Count) : ICommand<SellTickets, Concert>
{
    public static Decision Decide(SellTickets command, Concert current, DateTimeOffset now) => current switch
    {
        { Cancelled: true } => Decision.Refuse(new ConcertIsOff()),
        _ when current.SeatsLeft < command.Count => Decision.Refuse(new SoldOut(current.SeatsLeft)),
        _ => Decision.Accept(new TicketsSold(command.Count)),
    };
}

[OnConflict(Resolve.Reject,
    ClashesWith = [typeof(ConcertRetitled), typeof(ConcertCancelled)],
    CompatibleWith = [typeof(TicketsSold), typeof(TicketsGivenBack)])]
public sealed record RetitleConcert(Guid ConcertId, string Title) : ICommand<RetitleConcert, Concert>
{
    public static Decision Decide(RetitleConcert command, Concert current, DateTimeOffset now) => current.Cancelled
        ? Decision.Refuse(new ConcertIsOff())
        : Decision.Accept(new ConcertRetitled(command.Title, current.Title));
}

[OnConflict(Resolve.Retry,
    CompatibleWith = [typeof(TicketsSold), typeof(TicketsGivenBack), typeof(ConcertRetitled), typeof(ConcertCancelled)])]
public sealed record GiveTicketsBack(Guid ConcertId, int Count) : ICommand<GiveTicketsBack, Concert>
{
    public static Decision Decide(GiveTicketsBack command, Concert current, DateTimeOffset now) => Decision.Accept(new TicketsGivenBack(command.Count));
}

/// <summary>Those that Wolverine's aggregate handler workflow decides; the combiner decides what is merged.</summary>
public static class ConcertHandler
{
    [AggregateHandler]
    public static Task<Outcome<Concert>> Handle(
        RetitleConcert command, IEventStream<Concert> stream, Deciding<Concert> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);

    [AggregateHandler]
    public static Task<Outcome<Concert>> Handle(
        GiveTicketsBack command, IEventStream<Concert> stream, Deciding<Concert> deciding, CancellationToken cancellation) =>
        deciding.OnAsync(stream, command, cancellation);
}
