using Marten;
using Npgsql;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>What every handler does with a command around its decision: who sent it, its receipt, its answer.</summary>
/// <typeparam name="TState">What the command is decided on.</typeparam>
public abstract class HandlerWork<TState>
{
    private readonly CommandsInFlight _inFlight;
    private readonly Receipts _receipts;
    private readonly IAnswers<TState> _answers;

    private protected HandlerWork(
        IMessageContext message, IDocumentSession session, CommandsInFlight inFlight, Receipts receipts, IAnswers<TState> answers)
    {
        Envelope = message.Envelope ?? throw new InvalidOperationException("Deciding works inside a message handler only.");
        (Session, _inFlight, _receipts, _answers) = (session, inFlight, receipts, answers);
    }

    private protected Envelope Envelope { get; }

    private protected IDocumentSession Session { get; }

    /// <summary>
    /// Puts the command's origin on the session, from where the events' metadata is taken, and a gate before its commit. Wolverine
    /// runs a handler again after a failed attempt, with another session.
    /// </summary>
    private protected (CommandContext Context, Certainty Certainty) Begin()
    {
        var context = CommandContext.From(Envelope);
        Session.LastModifiedBy = context.Actor;
        Session.CausationId = context.CommandId.ToString();
        Session.CorrelationId = context.TraceId ?? Session.CorrelationId;
        var certainty = _inFlight.CertaintyOf(context.ReceiptId);
        if (Envelope.Attempts > 1)
        {
            certainty.Failed();
        }

        CommitGate.Guard(Session, [certainty]);
        return (context, certainty);
    }

    /// <summary>
    /// How the command ended before; null when it did not. To be asked after the state was read: a refusal by a state that the command
    /// itself has made would be told as if it were another's.
    /// </summary>
    private protected async Task<Outcome<TState>?> ReceiptAsync(
        CommandContext context, Certainty certainty, CancellationToken cancellation, NpgsqlConnection? transaction = null) =>
        certainty.MayHaveReceipt(context)
        && (await _receipts.FindAsync([context.ReceiptId], cancellation, transaction)).GetValueOrDefault(context.ReceiptId) is { } receipt
            ? receipt.OutcomeFor<TState>(context)
            : null;

    /// <summary>Writes the receipt of a command that came to its end, in the transaction that the handler commits.</summary>
    private protected Outcome<TState> Keep(object command, CommandContext context, Outcome<TState> outcome)
    {
        if (outcome is not (Outcome<TState>.Accepted or Outcome<TState>.Refused))
        {
            return Counted(outcome);
        }

        var answer = _answers.Of(command, context, outcome);
        if (outcome.LeavesReceipt)
        {
            _receipts.Add(Session, [Receipt.Of(context, answer)]);
        }

        return Counted(outcome with { Kept = answer });
    }

    /// <summary>Wolverine runs the handler again for one reason only, a lost race (<see cref="ConflictPolicies"/>).</summary>
    private Outcome<TState> Counted(Outcome<TState> outcome) =>
        outcome with { Attempts = Envelope.Attempts, LostRace = Envelope.Attempts > 1 };
}
