using System.Diagnostics;

namespace Inventory.Conflicts;

/// <summary>Somebody who waits in a stream's line.</summary>
internal abstract class Waiting(long since)
{
    /// <summary>When the wait began, as a timestamp of the clock.</summary>
    public long Since { get; } = since;

    /// <summary>Tells them that they waited in vain. Nothing was executed.</summary>
    public abstract void TurnAway();
}

/// <summary>A command that is executed on its own: it waits for its turn, and the line waits until it is done.</summary>
internal sealed class WaitingForTurn(long since) : Waiting(since)
{
    private readonly TaskCompletionSource<bool> _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with whether it is their turn.</summary>
    public Task<bool> Turn => _turn.Task;

    public void Admit() => _turn.SetResult(true);

    public override void TurnAway() => _turn.SetResult(false);
}

/// <summary>A command that may be folded with its neighbours into one commit.</summary>
internal sealed class WaitingToFold<TAggregate>(ICommand<TAggregate> command, CommandContext context, Certainty certainty, long since)
    : Waiting(since)
{
    private readonly TaskCompletionSource<Outcome<TAggregate>> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ICommand<TAggregate> Command { get; } = command;

    public CommandContext Context { get; } = context;

    public OnConflictAttribute Policy { get; } = ConflictPolicies.Of(command.GetType());

    /// <summary>The command's span; null when it is not traced.</summary>
    public Activity? Span { get; } = ConflictTraces.CurrentCommand();

    /// <summary>What is known of whether it took effect.</summary>
    public Certainty Certainty { get; } = certainty;

    /// <summary>How it ended.</summary>
    public Task<Outcome<TAggregate>> Outcome => _outcome.Task;

    /// <summary>Tells its sender how it ended, as far as that may be said.</summary>
    public void End(Outcome<TAggregate> outcome) => _outcome.TrySetResult(Certainty.End(outcome));

    /// <summary>It is tried no further. Does nothing when it has ended.</summary>
    public void GiveUp(Exception cause, int attempts)
    {
        if (_outcome.Task.IsCompleted)
        {
            return;
        }

        if (Certainty.GiveUp<TAggregate>(cause, attempts) is { } outcome)
        {
            _outcome.TrySetResult(outcome);
        }
        else
        {
            _outcome.TrySetException(cause);
        }
    }

    public override void TurnAway() => End(new Outcome<TAggregate>.Overloaded());
}

/// <summary>Neighbours in one stream's line that are decided together, in order.</summary>
internal sealed class Fold<TAggregate>(Guid streamId, IReadOnlyList<WaitingToFold<TAggregate>> commands, long since)
{
    private int _givenBack;
    private Exception? _lostRace;

    public Guid StreamId { get; } = streamId;

    public IReadOnlyList<WaitingToFold<TAggregate>> Commands { get; } = commands;

    /// <summary>When its first attempt began, as a timestamp of the clock.</summary>
    public long Since { get; } = since;

    /// <summary>How many attempts have failed.</summary>
    public int Failures { get; private set; }

    /// <summary>
    /// The version that was read first. Commands whose callers named none decided on that; what their
    /// neighbours in this fold append is no surprise to them, because they stood in line behind them.
    /// </summary>
    public long? FirstLoadedVersion { get; set; }

    /// <summary>The version that it was last decided on.</summary>
    public long? LoadedVersion { get; private set; }

    /// <summary>Whether somebody else was found to have written to the stream since it was decided first.</summary>
    public bool Overtaken { get; private set; }

    /// <summary>The version that the last attempt left the stream at, if it was committed.</summary>
    public long? LeftAtVersion { get; set; }

    /// <summary>Whether an attempt may have been committed without anybody knowing.</summary>
    public bool IsInDoubt => Commands.Any(command => command.Certainty.IsInDoubt);

    /// <summary>Notes the version that it is decided on.</summary>
    public void Loaded(long? version)
    {
        Overtaken |= LoadedVersion is { } before && before != version;
        LoadedVersion = version;
    }

    /// <summary>One of its commands, for itself.</summary>
    public Fold<TAggregate> Only(WaitingToFold<TAggregate> command) =>
        new(StreamId, [command], Since) { FirstLoadedVersion = FirstLoadedVersion, Failures = Failures };

    /// <summary>An attempt has failed.</summary>
    public void Failed(Exception cause)
    {
        Failures++;
        _lostRace = LostRace.Is(cause) ? cause : _lostRace;
        foreach (var command in Commands)
        {
            command.Certainty.Failed();
        }
    }

    /// <summary>
    /// It is tried no further: those of its commands that have not ended are told so. When its time was over while somebody held what it
    /// had lost a race for, that is the reason.
    /// </summary>
    public void GiveUp(Exception last)
    {
        var cause = DeadlinePassed.Is(last) || LostConnection.Is(last) ? _lostRace ?? last : last;
        foreach (var command in Commands)
        {
            command.GiveUp(cause, Math.Max(Failures, 1));
        }
    }

    /// <summary>Asks for the right to give it back to its lane, which is had once.</summary>
    public bool TryGiveBack() => Interlocked.Exchange(ref _givenBack, 1) == 0;
}
