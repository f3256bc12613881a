using JasperFx;
using JasperFx.Events;
using Marten;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>
/// Where a handler's command meets its stream: looks for a receipt, loads what the caller has not seen, judges, and
/// writes the receipt. Handlers hand over to it in one line.
/// </summary>
/// <typeparam name="TAggregate">The aggregate the handler's commands change.</typeparam>
/// <remarks>
/// It neither commits nor retries. Wolverine's aggregate handler workflow commits with the loaded version as the
/// expected version, and a race lost there runs the handler again from the load (<see cref="ConflictPolicies"/>).
/// </remarks>
public sealed class Deciding<TAggregate>(
    IMessageContext message, IDocumentSession session, CommandsInFlight inFlight, Receipts receipts, IAnswers<TAggregate> answers,
    IParts<TAggregate> parts, StreamLocks<TAggregate> locks, TimeProvider clock)
    : HandlerWork<TAggregate>(message, session, inFlight, receipts, answers)
    where TAggregate : class, IAggregate<TAggregate>
{
    /// <summary>Decides a command on an existing stream and appends its events to <paramref name="stream"/>.</summary>
    public async Task<Outcome<TAggregate>> OnAsync(
        IEventStream<TAggregate> stream, ICommand<TAggregate> command, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(command);
        var (context, certainty) = Begin();
        if (await ReceiptAsync(context, certainty, cancellation) is { } replayed)
        {
            return replayed;
        }

        if (certainty.IsInDoubt && stream.Aggregate is { } unsure)
        {
            await FenceOffAsync(unsure, cancellation);
            if (await ReceiptAsync(context, certainty, cancellation, Session.Connection) is { } ended)
            {
                return ended;
            }

            certainty.FencedOff();
        }

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

        var firstLoaded = CommandContext.FirstLoadedVersion(Envelope, current.Version);
        var seenVersion = Judgement.SeenVersion(context.Precondition, current.Version, firstLoaded);
        var unseen = await UnseenEvents.LoadAsync(
            Session, current, seenVersion, ConflictPolicies.Of(command.GetType()), cancellation);
        var seen = command is ISettlesConflicts<TAggregate> && unseen.ClashCount > 0
            ? await SeenStates.LoadAsync(Session, current, seenVersion!.Value, cancellation)
            : null;
        current = (await parts.CompleteAsync(new() { [current.Id] = current }, [command], null, cancellation))[current.Id];
        var (outcome, events) = Judgement.Of(command, context.Precondition, current, seenVersion, unseen, clock.GetUtcNow(), seen);
        stream.AppendMany(events);
        return Keep(command, context, outcome);
    }

    /// <summary>Decides a command that starts a stream.</summary>
    /// <param name="id">The new stream's id.</param>
    /// <param name="command">The command.</param>
    /// <param name="decide">Decides it; it looks up what could stand against it.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task<Outcome<TAggregate>> StartAsync(Guid id, object command, Func<Task<Decision>> decide, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(decide);
        var (context, certainty) = Begin();
        if (await ReceiptAsync(context, certainty, cancellation) is { } replayed)
        {
            return replayed;
        }

        switch (await decide())
        {
            case Decision.Accepted accepted:
                Session.Events.StartStream<TAggregate>(id, accepted.Events);
                return Keep(command, context, new Outcome<TAggregate>.Accepted(Judgement.Fold<TAggregate>(null, id, accepted.Events)!, []));
            case Decision.Refused refused:
                return Keep(command, context, new Outcome<TAggregate>.Refused(refused.Refusal, null));
            case var decision:
                throw new InvalidOperationException($"{decision} is no decision.");
        }
    }

    /// <summary>Waits until a COMMIT that was lost has come to its end: it holds the lock that is taken here.</summary>
    private async Task FenceOffAsync(TAggregate loaded, CancellationToken cancellation)
    {
        var locked = await locks.TakeAsync(Session, [loaded.Id], cancellation);
        if (locked.GetValueOrDefault(loaded.Id)?.Version != loaded.Version)
        {
            throw new ConcurrencyException(typeof(TAggregate), loaded.Id);
        }
    }
}
