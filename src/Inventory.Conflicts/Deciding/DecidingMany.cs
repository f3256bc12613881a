using Marten;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>
/// Where a handler's command meets several streams: all are locked in one order, so nobody comes in between and two commands
/// whose streams cross wait for one another; then it is decided, and everything is appended or nothing.
/// </summary>
/// <typeparam name="TAggregate">The aggregate the handler's commands change.</typeparam>
public sealed class DecidingMany<TAggregate>(
    IMessageContext message, IDocumentSession session, CommandsInFlight inFlight, StreamLocks<TAggregate> locks, Receipts receipts,
    IAnswers<IReadOnlyList<TAggregate>> answers, TimeProvider clock)
    : HandlerWork<IReadOnlyList<TAggregate>>(message, session, inFlight, receipts, answers)
    where TAggregate : class, IAggregate<TAggregate>
{
    /// <summary>Decides a command on its streams and appends its events.</summary>
    public async Task<Outcome<IReadOnlyList<TAggregate>>> OnAsync(ICommandOnMany<TAggregate> command, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        var (context, certainty) = Begin();
        // Before the locks, so that an answer that is given again waits for nobody.
        if (await ReceiptAsync(context, certainty, cancellation) is { } replayed)
        {
            return replayed;
        }

        var states = await locks.TakeAsync(Session, [.. command.StreamIds.Order()], cancellation);
        var decision = command.DecideOn(states, clock.GetUtcNow());
        // What leaves a receipt of its own is refused by the commit when there is one already; the rest has to look again.
        var isProvedByCommit = decision is not DecisionOnMany.Refused { Refusal.IsFinal: false };
        if ((certainty.IsInDoubt || !isProvedByCommit) && await ReceiptAsync(context, certainty, cancellation, Session.Connection) is { } ended)
        {
            return ended;
        }

        if (states.Count > 0)
        {
            certainty.FencedOff();
        }

        switch (decision)
        {
            case DecisionOnMany.Accepted accepted:
                var after = new List<TAggregate>();
                foreach (var (id, events) in accepted.Events.OrderBy(stream => stream.Key))
                {
                    // The version after the append; Marten counts back to the one that it expects.
                    Session.Events.Append(id, states[id].Version + events.Count, events);
                    after.Add(Judgement.Fold(states[id], id, events)!);
                }

                return Keep(command, context, new Outcome<IReadOnlyList<TAggregate>>.Accepted(after, []));
            case DecisionOnMany.Refused refused:
                return Keep(command, context, new Outcome<IReadOnlyList<TAggregate>>.Refused(refused.Refusal, null));
            default:
                throw new InvalidOperationException($"{decision} is no decision.");
        }
    }
}
