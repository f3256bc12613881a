using Marten;
using Marten.Internal.Sessions;
using Npgsql;

namespace Inventory.Conflicts;

/// <summary>
/// One attempt to decide some folds and to commit them in one transaction: each stream's commands in order on its evolving
/// state, each with its own events, receipt and answer.
/// </summary>
internal sealed class FoldAttempt<TAggregate>(
    IDocumentStore store, Receipts receipts, IAnswers<TAggregate> answers, IParts<TAggregate> parts, StreamLocks<TAggregate> locks,
    KnownStates<TAggregate> known, Admission admission, ConflictOptions options, TimeProvider clock)
    where TAggregate : class, IAggregate<TAggregate>
{
    /// <summary>Makes the attempt. When it does not throw, everything is committed and answered.</summary>
    /// <param name="folds">What to decide.</param>
    /// <param name="locked">Whether the streams are locked first, waiting for those that somebody else holds.</param>
    /// <param name="cancellation">Cuts it off at the commands' deadline; <see cref="Certainty"/> knows what may be said then.</param>
    public async Task RunAsync(IReadOnlyList<Fold<TAggregate>> folds, bool locked, CancellationToken cancellation)
    {
        using var quiet = QuietLostRaces.Expect();
        using var slot = await admission.EnterAsync(Work.Batch, options.RetryDeadline, cancellation) ?? throw new DeadlinePassed();
        var history = known.History;
        // With an identity map, so that the inline snapshot goes on from the state here instead of loading it once more.
        await using var session = store.IdentitySession();
        var decided = locked
            ? await DecideOnLockedAsync(session, folds, cancellation)
            : await DecideOnKnownAsync(session, folds, cancellation);
        decided.AddRange(await DecideOnReadAsync(session, [.. folds.Except(decided.Select(d => d.Fold))], cancellation));
        await CommitAsync(session, decided, history, cancellation);
    }

    /// <summary>Nobody else writes to the streams until this commits, and whoever did has come to an end.</summary>
    private async Task<List<DecidedFold<TAggregate>>> DecideOnLockedAsync(
        IDocumentSession session, IReadOnlyList<Fold<TAggregate>> folds, CancellationToken cancellation)
    {
        var states = await locks.TakeAsync(session, [.. folds.Select(fold => fold.StreamId)], cancellation);
        var found = await FindReceiptsAsync(folds, cancellation, session.Connection);
        foreach (var waiting in folds.SelectMany(fold => fold.Commands).Where(waiting => !found.ContainsKey(waiting.Context.ReceiptId)))
        {
            waiting.Certainty.FencedOff();
        }

        states = await parts.CompleteAsync(states, CommandsOf(folds), session.Connection, cancellation);
        var decided = await DecideAsync(session, folds, states, found, cancellation);
        Remember(session, states);
        return decided;
    }

    /// <summary>
    /// Decides on the states that are remembered what the commit itself proves: that they still hold, and that the receipts are
    /// new. Gives those folds only of which every command is accepted or has its receipt.
    /// </summary>
    private async Task<List<DecidedFold<TAggregate>>> DecideOnKnownAsync(
        IDocumentSession session, IReadOnlyList<Fold<TAggregate>> folds, CancellationToken cancellation)
    {
        var states = folds.Select(fold => known.Find(fold.StreamId)).OfType<TAggregate>().ToDictionary(state => state.Id);
        var guessed = folds.Where(fold => states.ContainsKey(fold.StreamId)).ToList();
        if (guessed.Count == 0)
        {
            return [];
        }

        var found = await FindReceiptsAsync(guessed, cancellation);
        states = await parts.CompleteAsync(states, CommandsOf(guessed), null, cancellation);
        var decided = new List<DecidedFold<TAggregate>>();
        foreach (var fold in guessed)
        {
            var state = states[fold.StreamId];
            var guess = await DecideAsync(session, fold, state, state.Version, found, cancellation);
            if (guess.IsProvedByCommit)
            {
                decided.Add(guess);
            }
            else
            {
                states.Remove(fold.StreamId);
            }
        }

        Remember(session, states);
        return decided;
    }

    private async Task<List<DecidedFold<TAggregate>>> DecideOnReadAsync(
        IDocumentSession session, List<Fold<TAggregate>> folds, CancellationToken cancellation)
    {
        if (folds.Count == 0)
        {
            return [];
        }

        var read = await session.LoadManyAsync<TAggregate>(cancellation, [.. folds.Select(fold => fold.StreamId)]);
        // After the states: a refusal by a state that the command itself has made would be told as if it were another's.
        var found = await FindReceiptsAsync(folds, cancellation);
        var states = await parts.CompleteAsync(read.ToDictionary(state => state.Id), CommandsOf(folds), null, cancellation);
        return await DecideAsync(session, folds, states, found, cancellation);
    }

    private async Task<List<DecidedFold<TAggregate>>> DecideAsync(
        IDocumentSession session, IReadOnlyList<Fold<TAggregate>> folds, Dictionary<Guid, TAggregate> states,
        IReadOnlyDictionary<ReceiptId, Receipt> found, CancellationToken cancellation)
    {
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

    private async Task CommitAsync(
        IDocumentSession session, List<DecidedFold<TAggregate>> decided, long history, CancellationToken cancellation)
    {
        // In the order of their ids, in which every node locks them: two commits may wait for each other's streams, never in a circle.
        foreach (var (fold, stream) in decided.Where(d => d.Stream is { Appended.Count: > 0 }).OrderBy(d => d.Fold.StreamId).Select(d => (d.Fold, d.Stream!)))
        {
            // The version after the append; Marten counts back to the one that it expects.
            session.Events.Append(fold.StreamId, stream.Current.Version, stream.Appended);
        }

        receipts.Add(session, [.. decided.SelectMany(d => d.Receipts)]);
        CommitGate.Guard(session, [.. decided.SelectMany(d => d.Committing)], () => history == known.History);
        using var span = ConflictTraces.Commit(decided.Count, decided.Sum(d => d.Stream?.Appended.Count ?? 0));
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e)
        {
            span.Failed(e);
            decided.ForEach(d => known.Forget(d.Fold.StreamId));
            if (LostConnection.Is(e))
            {
                known.ForgetAll();
            }

            throw;
        }

        decided.ForEach(d => d.Committed(known, history));
    }

    private Task<IReadOnlyDictionary<ReceiptId, Receipt>> FindReceiptsAsync(
        IReadOnlyList<Fold<TAggregate>> folds, CancellationToken cancellation, NpgsqlConnection? transaction = null) =>
        receipts.FindAsync(
            [.. folds.SelectMany(fold => fold.Commands)
                .Where(waiting => waiting.Certainty.MayHaveReceipt(waiting.Context))
                .Select(waiting => waiting.Context.ReceiptId)],
            cancellation,
            transaction);

    // What is left here is not read again, neither for a decision nor for the snapshot.
    private static void Remember(IDocumentSession session, Dictionary<Guid, TAggregate> states) =>
        ((QuerySession)session).ItemMap[typeof(TAggregate)] = states;

    private static IEnumerable<ICommand<TAggregate>> CommandsOf(IEnumerable<Fold<TAggregate>> folds) =>
        folds.SelectMany(fold => fold.Commands).Select(waiting => waiting.Command);
}
