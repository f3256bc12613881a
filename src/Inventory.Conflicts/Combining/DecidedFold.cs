namespace Inventory.Conflicts;

/// <summary>A fold whose commands have been decided, and not yet committed.</summary>
/// <param name="fold">The fold.</param>
/// <param name="stream">Its stream after the decisions; null when there is none.</param>
internal sealed class DecidedFold<TAggregate>(Fold<TAggregate> fold, EvolvingStream<TAggregate>? stream)
    where TAggregate : class, IAggregate<TAggregate>
{
    private readonly List<(WaitingToFold<TAggregate> Command, Outcome<TAggregate> Outcome)> _outcomes = [];

    public Fold<TAggregate> Fold => fold;

    public EvolvingStream<TAggregate>? Stream => stream;

    /// <summary>Whether every command was accepted; then the commit itself proves that the state was current and the keys new.</summary>
    public bool IsAllAccepted => _outcomes.TrueForAll(o => o.Outcome is Outcome<TAggregate>.Accepted);

    /// <summary>What is kept of those that came to their end.</summary>
    public IEnumerable<Receipt> Receipts => _outcomes.Where(o => o.Outcome.Kept is not null).Select(o => Receipt.Of(o.Command.Context, o.Outcome.Kept!));

    public void Add(WaitingToFold<TAggregate> command, Outcome<TAggregate> outcome) => _outcomes.Add((command, outcome));

    /// <summary>It is in the store: everybody may know.</summary>
    public void Committed(KnownStates<TAggregate> known)
    {
        fold.LeftAtVersion = stream?.Current.Version;
        if (stream is not null)
        {
            known.Keep(fold.StreamId, stream.Current);
        }

        foreach (var (command, outcome) in _outcomes)
        {
            command.Complete(fold.Failures == 0 ? outcome : outcome with { Attempts = fold.Failures + 1, LostRace = fold.Overtaken });
        }
    }
}
