using System.Globalization;
using Inventory.Conflicts;
using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Inventory.Tests.SecondAggregate;

public sealed record ConcertAnnounced(string Title, int Seats);

public sealed record TicketsSold(int Count);

public sealed record TicketsGivenBack(int Count);

public sealed record ConcertRetitled(string Title, string PreviousTitle);

public sealed record ConcertCancelled(string Reason);

/// <summary>Something that is no product: it shows that the mechanism knows what it is told by the contracts, and nothing else.</summary>
public sealed record Concert : IAggregate<Concert>
{
    public required Guid Id { get; init; }

    public long Version { get; init; }

    public required string Title { get; init; }

    public int SeatsLeft { get; init; }

    public bool Cancelled { get; init; }

    public static IReadOnlyList<Type> LaterEventTypes =>
        [typeof(TicketsSold), typeof(TicketsGivenBack), typeof(ConcertRetitled), typeof(ConcertCancelled)];

    public LastVersions? LastVersions { get; init; }

    public static Concert Fold(Concert? state, Guid id, object @event)
    {
        var after = Apply(state, id, @event);
        return after with { LastVersions = LastVersions.After(state?.LastVersions, after.Version, @event.GetType()) };
    }

    private static Concert Apply(Concert? state, Guid id, object @event) => (state, @event) switch
    {
        (_, ConcertAnnounced e) => new Concert { Id = id, Version = 1, Title = e.Title, SeatsLeft = e.Seats },
        (null, _) => throw new InvalidOperationException("A concert is announced first."),
        (_, TicketsSold e) => state.At(state.Version + 1) with { SeatsLeft = state.SeatsLeft - e.Count },
        (_, TicketsGivenBack e) => state.At(state.Version + 1) with { SeatsLeft = state.SeatsLeft + e.Count },
        (_, ConcertRetitled e) => state.At(state.Version + 1) with { Title = e.Title },
        (_, ConcertCancelled) => state.At(state.Version + 1) with { Cancelled = true },
        _ => state.At(state.Version + 1),
    };

    public static Concert Unfold(Concert after, object @event) => @event switch
    {
        TicketsSold e => after.At(after.Version - 1) with { SeatsLeft = after.SeatsLeft + e.Count },
        TicketsGivenBack e => after.At(after.Version - 1) with { SeatsLeft = after.SeatsLeft - e.Count },
        ConcertRetitled e => after.At(after.Version - 1) with { Title = e.PreviousTitle },
        ConcertCancelled => after.At(after.Version - 1) with { Cancelled = false },
        _ => after.At(after.Version - 1),
    };

    public static string Describe(object @event, Concert after) => @event switch
    {
        TicketsSold e => string.Create(CultureInfo.InvariantCulture, $"{e.Count} sold, {after.SeatsLeft} left"),
        TicketsGivenBack e => string.Create(CultureInfo.InvariantCulture, $"{e.Count} given back, {after.SeatsLeft} left"),
        ConcertRetitled e => $"“{e.PreviousTitle}” is now “{e.Title}”",
        ConcertCancelled e => $"cancelled: {e.Reason}",
        _ => @event.GetType().Name,
    };

    private Concert At(long version) => this with { Version = version };
}

public sealed class ConcertSnapshot : SingleStreamProjection<Concert, Guid>
{
    public override Concert Evolve(Concert? snapshot, Guid id, IEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return Concert.Fold(snapshot, id, e.Data);
    }
}

/// <summary>The answers of a caller that wants the number of seats left and nothing else.</summary>
public sealed class ConcertAnswers : IAnswers<Concert>
{
    public Answer Of(object command, CommandContext context, Outcome<Concert> outcome) => outcome switch
    {
        Outcome<Concert>.Accepted accepted => new Answer(200, accepted.State.Version, null, $$"""{"seatsLeft":{{accepted.State.SeatsLeft}}}"""),
        Outcome<Concert>.Refused refused => new Answer(422, refused.Current?.Version, null, $$"""{"refusal":"{{refused.Refusal.GetType().Name}}"}"""),
        _ => throw new InvalidOperationException($"{outcome} is not kept."),
    };
}
