using JasperFx.Events;
using Marten;
using Npgsql;
using NpgsqlTypes;

namespace Inventory.Conflicts;

/// <summary>How the streams of an attempt are held against other nodes.</summary>
internal enum Hold
{
    /// <summary>Not at all: the expected version finds out at the commit.</summary>
    Nothing,

    /// <summary>Under row locks, leaving out those that somebody else holds.</summary>
    WhatIsFree,

    /// <summary>Under row locks, waiting for those that somebody else holds.</summary>
    Everything,
}

/// <summary>
/// One attempt to decide some folds and to commit them in one transaction: load the states and the receipts, decide the
/// commands of each stream in order on its evolving state, append each one's own events, write the receipts, commit.
/// </summary>
internal sealed class FoldAttempt<TAggregate>(IDocumentStore store, Receipts receipts, IAnswers<TAggregate> answers, TimeProvider clock)
    where TAggregate : class, IAggregate<TAggregate>
{
    private readonly string _lockStreams = $"select id from {store.Options.Events.DatabaseSchemaName}.mt_streams where id = any($1) order by id for update";

    /// <summary>Makes the attempt. Gives the folds it left out because somebody else holds their streams.</summary>
    public async Task<IReadOnlyList<Fold<TAggregate>>> RunAsync(IReadOnlyList<Fold<TAggregate>> folds, Hold hold)
    {
        // There is no cancellation: a commit that is cut off half-way has an unknown outcome. Timeouts bound it.
        var cancellation = CancellationToken.None;
        // With an identity map, so that the inline snapshot starts from what is loaded here instead of loading it again.
        await using var session = store.IdentitySession();
        var finding = receipts.FindAsync([.. folds.SelectMany(ReceiptsThatMayExist)], cancellation);
        IReadOnlyList<Fold<TAggregate>> held = folds;
        try
        {
            if (hold != Hold.Nothing)
            {
                await session.BeginTransactionAsync(cancellation);
                var locked = await LockAsync(session, folds, hold, cancellation);
                // Who waited for all of them has all that exist.
                held = hold == Hold.Everything ? folds : [.. folds.Where(fold => locked.Contains(fold.StreamId))];
            }
        }
        finally
        {
            await finding;
        }

        var states = (await session.LoadManyAsync<TAggregate>(cancellation, [.. held.Select(fold => fold.StreamId)])).ToDictionary(state => state.Id);
        var ended = new List<(WaitingToFold<TAggregate> Command, Outcome<TAggregate> Outcome)>();
        var written = new List<Receipt>();
        // In the order of their ids, in which every node locks them: two commits may wait for each other's streams, never in a circle.
        foreach (var fold in held.OrderBy(fold => fold.StreamId))
        {
            fold.Attempts++;
            await DecideAsync(session, fold, states.GetValueOrDefault(fold.StreamId), await finding, ended, written, cancellation);
        }

        receipts.Add(session, written);
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e) when (CommitFate.IsInDoubt(e))
        {
            foreach (var fold in held)
            {
                fold.InDoubt = true;
            }

            throw;
        }

        foreach (var (command, outcome) in ended)
        {
            command.Complete(outcome);
        }

        return [.. folds.Except(held)];
    }

    private async Task DecideAsync(
        IDocumentSession session, Fold<TAggregate> fold, TAggregate? loaded, IReadOnlyDictionary<ReceiptId, Receipt> found,
        List<(WaitingToFold<TAggregate>, Outcome<TAggregate>)> ended, List<Receipt> written, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        fold.LoadedVersion = loaded?.Version;
        fold.FirstLoadedVersion ??= loaded?.Version;
        var stream = loaded is null ? null : new EvolvingStream<TAggregate>(loaded);
        foreach (var waiting in fold.Commands)
        {
            if (found.TryGetValue(waiting.Context.ReceiptId, out var receipt))
            {
                ended.Add((waiting, receipt.OutcomeFor<TAggregate>(waiting.Context)));
                continue;
            }

            if (stream is null)
            {
                ended.Add((waiting, new Outcome<TAggregate>.NotFound()));
                continue;
            }

            var precondition = waiting.Context.Precondition;
            var seenVersion = Judgement.SeenVersion(precondition, stream.Current.Version, fold.FirstLoadedVersion!.Value);
            var unseen = await UnseenEvents.LoadAsync(session, stream.Loaded, seenVersion, waiting.Policy, cancellation);
            if (precondition is not Precondition.Nothing and not Precondition.AnyVersion)
            {
                unseen = unseen.And(stream.ChangesSince(seenVersion, waiting.Policy));
            }

            var (outcome, events) = Judgement.Of(waiting.Command, precondition, stream.Current, seenVersion, unseen, now);
            if (outcome is Outcome<TAggregate>.Accepted or Outcome<TAggregate>.Refused)
            {
                stream.Append(session.Events, events, waiting.Context, now);
                var answer = answers.Of(waiting.Command, waiting.Context, outcome);
                written.Add(Receipt.Of(waiting.Context, answer));
                outcome = outcome with { Kept = answer };
            }

            ended.Add((waiting, outcome));
        }

        fold.LeftAtVersion = stream?.Current.Version;
        if (stream is { Appended.Count: > 0 })
        {
            // The version after the append; Marten counts back to the one that it expects.
            session.Events.Append(fold.StreamId, stream.Current.Version, stream.Appended);
        }
    }

    /// <summary>A new command that names no key cannot have a receipt; one whose commit is in doubt can.</summary>
    private static IEnumerable<ReceiptId> ReceiptsThatMayExist(Fold<TAggregate> fold) =>
        fold.Commands.Where(waiting => waiting.Context.Key is not null || fold.InDoubt).Select(waiting => waiting.Context.ReceiptId);

    private async Task<HashSet<Guid>> LockAsync(
        IDocumentSession session, IReadOnlyList<Fold<TAggregate>> folds, Hold hold, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(_lockStreams + (hold == Hold.WhatIsFree ? " skip locked" : ""), session.Connection);
        command.Parameters.Add(new() { Value = folds.Select(fold => fold.StreamId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        var locked = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            locked.Add(reader.GetGuid(0));
        }

        return locked;
    }
}
