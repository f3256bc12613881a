namespace Inventory.Conflicts;

/// <summary>
/// The rule by which a command meets the state, whatever path it takes: what its caller saw against what is, the
/// command's clash rules, and then its decision on the current state. Pure.
/// </summary>
internal static class Judgement
{
    /// <summary>The version the caller decided on, or null when it named none that this stream has had.</summary>
    /// <param name="precondition">What the caller says it saw.</param>
    /// <param name="current">The stream's version.</param>
    /// <param name="firstLoaded">The version that the command's first attempt loaded: a caller who names none decided on that.</param>
    public static long? SeenVersion(Precondition precondition, long current, long firstLoaded) => precondition switch
    {
        Precondition.Seen seen => seen.Version,
        Precondition.AtVersion at => at.Versions.Where(v => v > 0 && v <= current).Select(v => (long?)v).Max(),
        _ => firstLoaded,
    };

    /// <summary>How a command ends on a state. Accepted events are not in the stream yet.</summary>
    /// <param name="command">The command.</param>
    /// <param name="precondition">What the caller says it saw.</param>
    /// <param name="current">The state now.</param>
    /// <param name="seenVersion">The version the caller decided on.</param>
    /// <param name="unseen">What happened since.</param>
    /// <param name="now">The time of the decision.</param>
    /// <param name="seen">The state at that version, for a command that can be settled; null when it is not at hand.</param>
    public static (Outcome<TAggregate> Outcome, IReadOnlyList<object> Events) Of<TAggregate>(
        ICommand<TAggregate> command, Precondition precondition, TAggregate current, long? seenVersion, UnseenEvents unseen, DateTimeOffset now,
        TAggregate? seen = null)
        where TAggregate : class, IAggregate<TAggregate>
    {
        if (precondition is Precondition.Seen ahead && ahead.Version > current.Version)
        {
            return (new Outcome<TAggregate>.SeenVersionAhead(ahead.Version, current.Version), []);
        }

        var decision = command.DecideOn(current, now);
        var strict = precondition as Precondition.AtVersion;
        if (strict is not null ? !strict.Versions.Contains(current.Version) : unseen.ClashCount > 0)
        {
            var settling = seen is null ? null : command as ISettlesConflicts<TAggregate>;
            if (strict is not null || settling?.Settle(seen!, current) is not { } settled)
            {
                return (new Outcome<TAggregate>.Conflicted(new Conflict<TAggregate>(
                    command.GetType().Name, strict is not null, seenVersion, current, unseen, InWords(decision, current))
                { Options = settling?.Options(seen!, current) }), []);
            }

            decision = settled;
        }

        return decision switch
        {
            Decision.Accepted accepted => (
                new Outcome<TAggregate>.Accepted(Fold(current, current.Id, accepted.Events)!, precondition is Precondition.Seen ? unseen.Listed : []),
                accepted.Events),
            Decision.Refused refused => (new Outcome<TAggregate>.Refused(refused.Refusal, current), []),
            _ => throw new InvalidOperationException($"{decision} is no decision."),
        };
    }

    /// <summary>The state after some more events.</summary>
    public static TAggregate? Fold<TAggregate>(TAggregate? state, Guid id, IReadOnlyList<object> events)
        where TAggregate : class, IAggregate<TAggregate> =>
        events.Aggregate(state, (folded, e) => TAggregate.Fold(folded, id, e));

    private static List<OwnChange> InWords<TAggregate>(Decision decision, TAggregate current)
        where TAggregate : class, IAggregate<TAggregate>
    {
        var own = new List<OwnChange>();
        if (decision is Decision.Accepted accepted)
        {
            var after = current;
            foreach (var e in accepted.Events)
            {
                after = TAggregate.Fold(after, current.Id, e);
                own.Add(new OwnChange(e.GetType().Name, TAggregate.Describe(e, after)));
            }
        }

        return own;
    }
}
