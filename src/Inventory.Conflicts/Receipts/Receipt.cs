namespace Inventory.Conflicts;

/// <summary>Under what a receipt is kept.</summary>
/// <param name="Principal">Whose key it is.</param>
/// <param name="Key">The key.</param>
public sealed record ReceiptId(string Principal, string Key)
{
    /// <summary>The principal of receipts whose command named no key; no caller has an empty name.</summary>
    public const string NoPrincipal = "";
}

/// <summary>What is kept of a command that came to its end, in the transaction of its events.</summary>
/// <param name="Id">Under what it is kept.</param>
/// <param name="RequestHash">A hash of what was asked for; empty when the command named no key.</param>
/// <param name="Answer">The answer.</param>
public sealed record Receipt(ReceiptId Id, byte[] RequestHash, Answer Answer)
{
    /// <summary>The receipt of a command that was accepted or refused.</summary>
    internal static Receipt Of(CommandContext context, Answer answer) => new(context.ReceiptId, context.Key?.RequestHash ?? [], answer);

    /// <summary>How a command ends that has this receipt already.</summary>
    internal Outcome<TAggregate> OutcomeFor<TAggregate>(CommandContext context) =>
        context.Key is { } key && !key.RequestHash.AsSpan().SequenceEqual(RequestHash)
            ? new Outcome<TAggregate>.KeyReused()
            : new Outcome<TAggregate>.Replayed(Answer);
}
