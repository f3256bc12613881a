using JasperFx.Events;
using Marten;
using Marten.Internal.Sessions;

namespace Inventory.Conflicts;

/// <summary>
/// One attempt to decide some folds and to commit them in one transaction: each stream's commands in order on its evolving
/// state, each with its own events, receipt and answer.
/// </summary>
internal sealed class FoldAttempt<TAggregate>(
    IDocumentStore store, Receipts receipts, IAnswers<TAggregate> answers, IParts<TAggregate> parts, StreamLocks<TAggregate> locks, KnownStates<TAggregate> known, TimeProvider clock)
    where TAggregate : class, IAggregate<TAggregate>
{
    private static readonly IReadOnlyDictionary<ReceiptId, Receipt> NoReceipts = new Dictionary<ReceiptId, Receipt>();

    /// <summary>Makes the attempt. When it does not throw, everything is committed and answered.</summary>
    /// <param name="folds">What to decide.</param>
    /// <param name="locked">Whether the streams are locked first, waiting for those that somebody else holds.</param>
    public async Task RunAsync(IReadOnlyList<Fold<TAggregate>> folds, bool locked)
    {
        // There is no cancellation: a commit that is cut off half-way has an unknown outcome. Timeouts bound it.
        var cancellation = CancellationToken.None;
        // With an identity map, so that the inline snapshot goes on from the state here instead of loading it once more.
        await using var session = store.IdentitySession();
        var states = locked ? await locks.TakeAsync(session, [.. folds.Select(fold => fold.StreamId)], cancellation) : Known(folds);
        var decided = await DecideOnStatesAsync(session, folds, states, locked, cancellation);
        decided.AddRange(await DecideOnReadAsync(session, [.. folds.Except(decided.Select(d => d.Fold))], cancellation));
        await CommitAsync(session, decided, cancellation);
    }

    private Dictionary<Guid, TAggregate> Known(IReadOnlyList<Fold<TAggregate>> folds) =>
        folds.Select(fold => known.Find(fold.StreamId)).OfType<TAggregate>().ToDictionary(state => state.Id);

    /// <summary>
    /// Decides what is accepted as a whole on the states at hand. Gives those folds only: the commit proves that their receipts
    /// are new, and, without locks, that the states still hold.
    /// </summary>
    private async Task<List<DecidedFold<TAggregate>>> DecideOnStatesAsync(
        IDocumentSession session, IReadOnlyList<Fold<TAggregate>> folds, Dictionary<Guid, TAggregate> states, bool locked, CancellationToken cancellation)
    {
        var decided = new List<DecidedFold<TAggregate>>();
        states = await parts.CompleteAsync(states, CommandsOf(folds), cancellation);
        foreach (var fold in folds)
        {
            // One that failed before looks for receipts: an earlier attempt, or another node, may have executed its commands.
            if (fold.Failures == 0 && states.TryGetValue(fold.StreamId, out var state)
                && await DecideAsync(session, fold, state, state.Version, NoReceipts, cancellation) is { IsAllAccepted: true } guess)
            {
                decided.Add(guess);
            }
            else if (!locked)
            {
                states.Remove(fold.StreamId);
            }
        }

        // What is left here is not read again, neither for a decision nor for the snapshot.
        ((QuerySession)session).ItemMap[typeof(TAggregate)] = states;
        return decided;
    }

    private async Task<List<DecidedFold<TAggregate>>> DecideOnReadAsync(
        IDocumentSession session, List<Fold<TAggregate>> folds, CancellationToken cancellation)
    {
        if (folds.Count == 0)
        {
            return [];
        }

        var finding = receipts.FindAsync([.. folds.SelectMany(ReceiptsThatMayExist)], cancellation);
        var states = (await session.LoadManyAsync<TAggregate>(cancellation, [.. folds.Select(fold => fold.StreamId)])).ToDictionary(state => state.Id);
        var found = await finding;
        states = await parts.CompleteAsync(states, CommandsOf(folds), cancellation);
        var decided = new List<DecidedFold<TAggregate>>();
        foreach (var fold in folds)
        {
            var state = states.GetValueOrDefault(fold.StreamId);
            fold.FirstLoadedVersion ??= state?.Version;
            decided.Add(await DecideAsync(session, fold, state, fold.FirstLoadedVersion ?? 0, found, cancellation));
        }

        return decided;
    }

    internal async Task<DecidedFold<TAggregate>> DecideAsync(
        IDocumentSession session, Fold<TAggregate> fold, TAggregate? loaded, long firstLoadedVersion,
        IReadOnlyDictionary<ReceiptId, Receipt> found, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        fold.Loaded(loaded?.Version);
        var stream = loaded is null ? null : new EvolvingStream<TAggregate>(loaded);
        var decided = new DecidedFold<TAggregate>(fold, stream);
        foreach (var waiting in fold.Commands)
        {
            if (found.TryGetValue(waiting.Context.ReceiptId, out var receipt))
            {
                decided.Add(waiting, receipt.OutcomeFor<TAggregate>(waiting.Context));
                continue;
            }

            if (stream is null)
            {
                decided.Add(waiting, new Outcome<TAggregate>.NotFound());
                continue;
            }

            var precondition = waiting.Context.Precondition;
            var seenVersion = Judgement.SeenVersion(precondition, stream.Current.Version, firstLoadedVersion);
            var unseen = await UnseenEvents.LoadAsync(session, stream.Loaded, seenVersion, waiting.Policy, cancellation);
            if (precondition is Precondition.Seen or Precondition.AtVersion)
            {
                unseen = unseen.And(stream.ChangesSince(seenVersion, waiting.Policy));
            }

            var (outcome, events) = Judgement.Of(waiting.Command, precondition, stream.Current, seenVersion, unseen, now);
            if (outcome is Outcome<TAggregate>.Accepted or Outcome<TAggregate>.Refused)
            {
                stream.Append(session.Events, events, waiting.Context, now);
                outcome = outcome with { Kept = answers.Of(waiting.Command, waiting.Context, outcome) };
            }

            decided.Add(waiting, outcome);
        }

        return decided;
    }

    private async Task CommitAsync(IDocumentSession session, List<DecidedFold<TAggregate>> decided, CancellationToken cancellation)
    {
        // In the order of their ids, in which every node locks them: two commits may wait for each other's streams, never in a circle.
        foreach (var (fold, stream) in decided.Where(d => d.Stream is { Appended.Count: > 0 }).OrderBy(d => d.Fold.StreamId).Select(d => (d.Fold, d.Stream!)))
        {
            // The version after the append; Marten counts back to the one that it expects.
            session.Events.Append(fold.StreamId, stream.Current.Version, stream.Appended);
        }

        receipts.Add(session, [.. decided.SelectMany(d => d.Receipts)]);
        using var span = ConflictTraces.Commit(decided.Count, decided.Sum(d => d.Stream?.Appended.Count ?? 0));
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e)
        {
            span.Failed(e);
            foreach (var d in decided)
            {
                known.Forget(d.Fold.StreamId);
                d.Fold.InDoubt |= CommitFate.IsInDoubt(e);
            }

            throw;
        }

        foreach (var d in decided)
        {
            d.Committed(known);
        }
    }

    private static IEnumerable<ICommand<TAggregate>> CommandsOf(IEnumerable<Fold<TAggregate>> folds) =>
        folds.SelectMany(fold => fold.Commands).Select(waiting => waiting.Command);

    /// <summary>A new command that names no key cannot have a receipt; one whose commit is in doubt can.</summary>
    private static IEnumerable<ReceiptId> ReceiptsThatMayExist(Fold<TAggregate> fold) =>
        fold.Commands.Where(waiting => waiting.Context.Key is not null || fold.InDoubt).Select(waiting => waiting.Context.ReceiptId);
}
