using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Inventory.Conflicts;

/// <summary>
/// Sees to it that every fold a lane took comes to an end: all in one transaction, and when that fails, each for itself, so
/// that a stream that is broken, locked or contended does not fail the others.
/// </summary>
/// <param name="attempt">
/// Decides the folds and commits them in one transaction, with their streams' rows locked first or not, cut off by the token. When it
/// does not throw, everything is committed and answered.
/// </param>
/// <param name="options">Limits.</param>
/// <param name="clock">The clock.</param>
/// <param name="metrics">Where commits are counted.</param>
/// <param name="logger">Where failures are told.</param>
/// <param name="aloneMax">How many streams go alone at once; at least one does.</param>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody takes holds nothing to free.")]
internal sealed partial class FoldCommit<TAggregate>(
    Func<IReadOnlyList<Fold<TAggregate>>, bool, CancellationToken, Task> attempt, ConflictOptions options, TimeProvider clock, ConflictMetrics metrics, ILogger logger, int aloneMax)
    where TAggregate : class, IAggregate<TAggregate>
{
    private readonly StreamCare<TAggregate> _care = new(options.ExclusiveFor, clock);

    /// <summary>Bounds the transactions of streams that go alone, so that lanes find room beside them.</summary>
    private readonly SemaphoreSlim _alone = new(Math.Max(1, aloneMax));

    /// <summary>How many streams are remembered as contended or broken.</summary>
    public int Remembered => _care.Count;

    /// <summary>
    /// Decides and commits the folds, and gives each back exactly once, when the next of its stream may go: those that go
    /// alone after this has returned. Does not throw, and is done by the commands' deadline.
    /// </summary>
    public async Task RunAsync(IReadOnlyList<Fold<TAggregate>> folds, Action<Fold<TAggregate>> giveBack)
    {
        var together = folds.Where(fold => !_care.GoesAlone(fold.StreamId)).ToList();
        var done = together.Count > 0 && await RunTogetherAsync(together) ? together : [];
        done.ForEach(giveBack);
        foreach (var fold in folds.Except(done))
        {
            _ = RunAloneAsync(fold, giveBack);
        }
    }

    private async Task<bool> RunTogetherAsync(List<Fold<TAggregate>> folds)
    {
        using var span = ConflictTraces.Batch(folds);
        return await TryTogetherAsync(folds, locked: folds.Exists(fold => _care.IsExclusive(fold.StreamId)));
    }

    /// <summary>False when the transaction failed, and each fold has to go alone.</summary>
    private async Task<bool> TryTogetherAsync(IReadOnlyList<Fold<TAggregate>> folds, bool locked)
    {
        try
        {
            await AttemptAsync(folds, locked);
            NoteCommitted(folds);
            return true;
        }
        catch (Exception e) when (LostRace.Is(e) && !locked)
        {
            LogLostTogether(logger, typeof(TAggregate).Name, folds.Count);
            Failed(folds, e);
            return await TryTogetherAsync(folds, locked: true);
        }
#pragma warning disable CA1031 // Whatever it is, it shows again when the folds go alone, and is then told to whom it concerns.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogSplit(logger, e, typeof(TAggregate).Name, folds.Count);
            Failed(folds, e);
            return false;
        }
    }

    /// <summary>
    /// Makes an attempt that ends at the deadline, whatever the database does: one that goes on behind it finds its commands
    /// closed, and commits nothing.
    /// </summary>
    private async Task AttemptAsync(IReadOnlyList<Fold<TAggregate>> folds, bool locked)
    {
        var left = options.RetryDeadline - clock.GetElapsedTime(folds[0].Since);
        if (left <= TimeSpan.Zero)
        {
            throw new DeadlinePassed();
        }

        await DatabaseWait.WithinAsync(
            left,
            clock,
            async cancellation =>
            {
                await attempt(folds, locked, cancellation);
                return true;
            },
            CancellationToken.None);
    }

    private async Task RunAloneAsync(Fold<TAggregate> fold, Action<Fold<TAggregate>> giveBack)
    {
        await _alone.WaitAsync();
        try
        {
            using var span = ConflictTraces.Batch([fold]);
            await TryAloneAsync(fold);
        }
        finally
        {
            _alone.Release();
            giveBack(fold);
        }
    }

    /// <summary>Tries until the deadline. Afterwards every command of the fold has been answered.</summary>
    private async Task TryAloneAsync(Fold<TAggregate> fold)
    {
        while (true)
        {
            try
            {
                await AttemptAsync([fold], true);
                NoteCommitted([fold]);
                return;
            }
#pragma warning disable CA1031 // A defect is told to the command's sender.
            catch (Exception e)
#pragma warning restore CA1031
            {
                fold.Failed(e);
                var pause = Backoff.Pause(fold.Failures, options);
                if (clock.GetElapsedTime(fold.Since) + pause >= options.RetryDeadline)
                {
                    GiveUp(fold, e);
                    return;
                }

                // In doubt, whatever goes wrong next says nothing of what became of the commit.
                if (!LostRace.Is(e) && !LostConnection.Is(e) && !fold.IsInDoubt)
                {
                    await FailAsync(fold, e);
                    return;
                }

                LogRetry(logger, fold.Commands[0].Command.GetType().Name, fold.Commands.Count, fold.StreamId, fold.Failures, pause);
                await Task.Delay(pause, clock);
            }
        }
    }

    /// <summary>A defect that several commands share is each one's own, or only that of one of them.</summary>
    private async Task FailAsync(Fold<TAggregate> fold, Exception defect)
    {
        _care.Failed(fold.StreamId);
        if (fold.Commands.Count == 1)
        {
            fold.GiveUp(defect);
            return;
        }

        foreach (var one in fold.Commands)
        {
            await TryAloneAsync(fold.Only(one));
        }
    }

    private void GiveUp(Fold<TAggregate> fold, Exception last)
    {
        _care.Failed(fold.StreamId);
        LogGivenUp(logger, fold.Commands[0].Command.GetType().Name, fold.Commands.Count, fold.StreamId, fold.Failures);
        fold.GiveUp(last);
    }

    private static void Failed(IReadOnlyList<Fold<TAggregate>> folds, Exception cause)
    {
        foreach (var fold in folds)
        {
            fold.Failed(cause);
        }
    }

    private void NoteCommitted(IReadOnlyList<Fold<TAggregate>> folds)
    {
        metrics.Committed(folds.Sum(fold => fold.Commands.Count), folds.Count);
        foreach (var fold in folds)
        {
            if (fold.Overtaken)
            {
                _care.Contended(fold.StreamId);
            }

            _care.Committed(fold);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A commit over {Streams} {Aggregate} streams lost a race; they are decided again under row locks")]
    private static partial void LogLostTogether(ILogger logger, string aggregate, int streams);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A commit over {Streams} {Aggregate} streams failed; each is tried alone")]
    private static partial void LogSplit(ILogger logger, Exception exception, string aggregate, int streams);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Command} ({Count} folded) on {StreamId} did not commit at attempt {Attempt}, tries again in {Pause}")]
    private static partial void LogRetry(ILogger logger, string command, int count, Guid streamId, int attempt, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Command} ({Count} folded) on {StreamId} did not commit in {Attempts} attempts and is given up at its deadline")]
    private static partial void LogGivenUp(ILogger logger, string command, int count, Guid streamId, int attempts);
}
