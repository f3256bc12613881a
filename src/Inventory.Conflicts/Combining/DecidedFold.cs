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

    /// <summary>
    /// Whether every command was accepted or has its receipt; then nothing is said that the commit does not prove: that the
    /// state was current and the receipts new.
    /// </summary>
    public bool IsProvedByCommit => _outcomes.TrueForAll(o =>
        o.Outcome is Outcome<TAggregate>.Accepted or Outcome<TAggregate>.Replayed or Outcome<TAggregate>.KeyReused);

    /// <summary>What is kept of those that came to their end.</summary>
    public IEnumerable<Receipt> Receipts => _outcomes.Where(o => o.Outcome.LeavesReceipt).Select(o => Receipt.Of(o.Command.Context, o.Outcome.Kept!));

    /// <summary>The commands of which something is committed.</summary>
    public IEnumerable<Certainty> Committing => _outcomes.Where(o => o.Outcome.LeavesReceipt).Select(o => o.Command.Certainty);

    public void Add(WaitingToFold<TAggregate> command, Outcome<TAggregate> outcome) => _outcomes.Add((command, outcome));

    /// <summary>It is in the store: everybody may know.</summary>
    /// <param name="known">Where the state is remembered.</param>
    /// <param name="history">The history of the database in which it was decided and committed.</param>
    public void Committed(KnownStates<TAggregate> known, long history)
    {
        fold.LeftAtVersion = stream?.Current.Version;
        if (stream is not null)
        {
            known.Keep(fold.StreamId, stream.Current, history);
        }

        foreach (var (command, outcome) in _outcomes)
        {
            command.End(fold.Failures == 0 ? outcome : outcome with { Attempts = fold.Failures + 1, LostRace = fold.Overtaken });
        }
    }
}
