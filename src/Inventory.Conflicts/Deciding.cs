using JasperFx;
using JasperFx.Events;
using Marten;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>
/// The one place where a command meets the state: compares what its caller saw with what is, applies the command's
/// clash rules, and lets it decide on the current state. Handlers hand over to it in one line.
/// </summary>
/// <remarks>
/// It neither commits nor retries. Wolverine's aggregate handler workflow commits with the loaded version as the
/// expected version, and a race lost there runs the handler again from the load (<see cref="ConflictPolicies"/>).
/// </remarks>
public sealed class Deciding(IMessageContext message, IDocumentSession session, TimeProvider clock)
{
    private readonly Envelope _envelope =
        message.Envelope ?? throw new InvalidOperationException("Deciding works inside a message handler only.");

    /// <summary>Decides a command on an existing stream and appends its events to <paramref name="stream"/>.</summary>
    public async Task<Outcome<TAggregate>> OnAsync<TAggregate, TCommand>(
        IEventStream<TAggregate> stream, TCommand command, Func<TCommand, TAggregate, DateTimeOffset, Decision> decide,
        CancellationToken cancellation)
        where TAggregate : class, IAggregate<TAggregate>
        where TCommand : class
    {
        if (stream.Aggregate is not { } current)
        {
            return new Outcome<TAggregate>.NotFound();
        }

        // Marten reads the stream's version first and the snapshot after it. A snapshot that is newer means that somebody
        // committed in between, so the commit would lose its race anyway.
        if (current.Version > stream.CurrentVersion)
        {
            throw new ConcurrencyException(typeof(TAggregate), current.Id);
        }

        if (current.Version < stream.CurrentVersion)
        {
            // Every append names its expected version, so this takes somebody who wrote past the service.
            throw new InvalidOperationException(
                $"The snapshot of {current.Id} says version {current.Version}, its stream is at {stream.CurrentVersion}. Rebuild the snapshots.");
        }

        var policy = ConflictPolicies.Of(typeof(TCommand));
        var precondition = Begin().Precondition;
        var seenVersion = SeenVersion(precondition, current.Version);
        if (precondition is Precondition.Seen seen && seen.Version > current.Version)
        {
            return new Outcome<TAggregate>.SeenVersionAhead(seen.Version, current.Version);
        }

        var unseen = seenVersion is { } version
            ? await UnseenEvents.LoadAsync(session, current, version, policy, cancellation)
            : UnseenEvents.None;
        var decision = decide(command, current, clock.GetUtcNow());

        var strict = precondition is Precondition.AtVersion;
        if (precondition is Precondition.AtVersion at ? !at.Versions.Contains(current.Version) : unseen.ClashCount > 0)
        {
            return new Outcome<TAggregate>.Conflicted(new Conflict<TAggregate>(
                typeof(TCommand).Name, strict, seenVersion, current, unseen, InWords(decision, current)));
        }

        switch (decision)
        {
            case Decision.Accepted accepted:
                stream.AppendMany(accepted.Events);
                var merged = precondition is Precondition.Seen ? unseen.Listed : [];
                return new Outcome<TAggregate>.Accepted(Fold(current, current.Id, accepted), merged);
            case Decision.Refused refused:
                return new Outcome<TAggregate>.Refused(refused.Refusal, current);
            default:
                throw new InvalidOperationException($"{decision} is no decision.");
        }
    }

    /// <summary>Decides a command that starts a stream.</summary>
    /// <param name="id">The new stream's id.</param>
    /// <param name="decision">The decision. The caller has looked up what could stand against it.</param>
    public Outcome<TAggregate> Start<TAggregate>(Guid id, Decision decision)
        where TAggregate : class, IAggregate<TAggregate>
    {
        Begin();
        switch (decision)
        {
            case Decision.Accepted accepted:
                session.Events.StartStream<TAggregate>(id, accepted.Events);
                return new Outcome<TAggregate>.Accepted(Fold<TAggregate>(null, id, accepted), []);
            case Decision.Refused refused:
                return new Outcome<TAggregate>.Refused(refused.Refusal, null);
            default:
                throw new InvalidOperationException($"{decision} is no decision.");
        }
    }

    /// <summary>Puts the command's origin on the session, from where the events' metadata is taken.</summary>
    private CommandContext Begin()
    {
        var context = CommandContext.From(_envelope);
        session.LastModifiedBy = context.Actor;
        session.CausationId = context.CommandId.ToString();
        return context;
    }

    /// <summary>The version the caller decided on, or null when it named none that this stream has had.</summary>
    private long? SeenVersion(Precondition precondition, long loaded) => precondition switch
    {
        Precondition.Seen seen => seen.Version,
        Precondition.AtVersion at => at.Versions.Where(v => v > 0 && v <= loaded).Select(v => (long?)v).Max(),
        _ => CommandContext.FirstLoadedVersion(_envelope, loaded),
    };

    private static TAggregate Fold<TAggregate>(TAggregate? state, Guid id, Decision.Accepted accepted)
        where TAggregate : class, IAggregate<TAggregate> =>
        accepted.Events.Aggregate(state, (folded, e) => TAggregate.Fold(folded, id, e))!;

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
