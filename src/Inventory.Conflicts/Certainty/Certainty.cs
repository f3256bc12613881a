namespace Inventory.Conflicts;

/// <summary>What is known of whether a command took effect.</summary>
internal enum Knowledge
{
    /// <summary>No COMMIT of it was sent whose fate is open, so it has not taken effect.</summary>
    Untouched,

    /// <summary>A COMMIT of it is on its way.</summary>
    Committing,

    /// <summary>A COMMIT of it was sent, and nobody said what became of it.</summary>
    InDoubt,

    /// <summary>It was committed, or its receipt was read.</summary>
    Settled,

    /// <summary>Its sender was told without either. No COMMIT of it may be sent any more.</summary>
    Closed,
}

/// <summary>What happens to a command on its way.</summary>
internal enum Happening
{
    /// <summary>A COMMIT is about to be sent.</summary>
    CommitSent,

    /// <summary>The server said that it has committed.</summary>
    CommitAnswered,

    /// <summary>An attempt ended with an error, whatever its kind.</summary>
    AttemptFailed,

    /// <summary>Its receipt was read: it, or another request under its key, came to its end before.</summary>
    ReceiptFound,

    /// <summary>
    /// There is no receipt, read while the stream's row was locked: a transaction that had appended to the stream held that
    /// lock, so a lost COMMIT has come to its end, and it was not this one.
    /// </summary>
    FencedOff,

    /// <summary>It was judged in a way that leaves no receipt, such as a conflict, or it was not taken at all.</summary>
    Judged,

    /// <summary>It is tried no further: its time is over, or an error cannot be tried away.</summary>
    GivenUp,
}

/// <summary>What may be said to a command's sender.</summary>
internal enum Claim
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>It took effect, or was refused, and its receipt says so.</summary>
    Ended,

    /// <summary>Nothing was written, and nothing will be.</summary>
    NothingWritten,

    /// <summary>Nobody knows.</summary>
    Unknown,
}

/// <summary>
/// The one place where it is decided what may be said about a command, whatever way it goes: batched, alone, on several
/// streams, as a line of an import or as a message. Doubt is sticky: once a COMMIT was sent and not answered, no later error
/// turns into "nothing was written"; only the command's receipt, a later commit of its own, or the lock that proves the lost
/// one's end does. Safe to use from several threads, because a deadline may pass while a COMMIT goes out: one of them is first.
/// </summary>
internal sealed class Certainty
{
    private readonly Lock _lock = new();
    private bool _hasFailed;

    /// <summary>What is known now.</summary>
    public Knowledge Knowledge { get; private set; }

    /// <summary>Whether a COMMIT of it may have been done without anybody knowing.</summary>
    public bool IsInDoubt => Knowledge is Knowledge.InDoubt or Knowledge.Committing;

    /// <summary>Whether its sender was told already, so that nothing of it may be committed any more.</summary>
    public bool IsClosed => Knowledge == Knowledge.Closed;

    /// <summary>
    /// Whether it may have a receipt that has to be looked for before it is judged: it can have come before, under its key or as
    /// a message that is delivered again, or an attempt of it has failed, be it because the receipt was there.
    /// </summary>
    public bool MayHaveReceipt(CommandContext context) => context.Key is not null || context.MayBeRepeated || _hasFailed;

    /// <summary>What is known after something happened, and what may be said then.</summary>
    public static (Knowledge Next, Claim Claim) After(Knowledge known, Happening happening) => (known, happening) switch
    {
        (Knowledge.Settled, Happening.GivenUp) => (Knowledge.Settled, Claim.Unknown),
        (Knowledge.Settled, _) => (Knowledge.Settled, Claim.Ended),
        (Knowledge.Closed, _) => (Knowledge.Closed, Claim.None),
        (_, Happening.CommitSent) => (Knowledge.Committing, Claim.None),
        (_, Happening.CommitAnswered or Happening.ReceiptFound) => (Knowledge.Settled, Claim.Ended),
        (Knowledge.Untouched, Happening.AttemptFailed or Happening.FencedOff) => (Knowledge.Untouched, Claim.None),
        (Knowledge.Untouched, _) => (Knowledge.Closed, Claim.NothingWritten),
        (Knowledge.InDoubt, Happening.FencedOff) => (Knowledge.Untouched, Claim.None),
        (_, Happening.AttemptFailed or Happening.FencedOff) => (Knowledge.InDoubt, Claim.None),
        _ => (Knowledge.Closed, Claim.Unknown),
    };

    /// <summary>Asks whether a COMMIT of it may be sent, right before it is.</summary>
    public bool TrySend()
    {
        lock (_lock)
        {
            if (Knowledge is Knowledge.Settled or Knowledge.Closed)
            {
                return false;
            }

            Note(Happening.CommitSent);
            return true;
        }
    }

    /// <summary>An attempt ended with an error.</summary>
    public void Failed()
    {
        _hasFailed = true;
        Note(Happening.AttemptFailed);
    }

    /// <summary>It has no receipt, read under its stream's lock.</summary>
    public void FencedOff() => Note(Happening.FencedOff);

    /// <summary>How it ended, as far as that may be said. What leaves a receipt has been committed when this is called.</summary>
    public Outcome<TState> End<TState>(Outcome<TState> outcome)
    {
        var happening = outcome switch
        {
            { LeavesReceipt: true } => Happening.CommitAnswered,
            Outcome<TState>.Replayed or Outcome<TState>.KeyReused => Happening.ReceiptFound,
            _ => Happening.Judged,
        };
        return Note(happening) == Claim.Unknown ? new Outcome<TState>.Unknown { Attempts = outcome.Attempts } : outcome;
    }

    /// <summary>
    /// How it ended that is tried no further. Null when that is a defect to be thrown: an error that is neither a lost race nor
    /// the database's, of a command of which nothing was written.
    /// </summary>
    /// <param name="cause">What went wrong last.</param>
    /// <param name="attempts">How many attempts were made, from 1.</param>
    public Outcome<TState>? GiveUp<TState>(Exception cause, int attempts)
    {
        var outcome = (Note(Happening.GivenUp), cause) switch
        {
            (not Claim.NothingWritten, _) => new Outcome<TState>.Unknown(),
            _ when LostRace.Is(cause) => new Outcome<TState>.RetriesExhausted(),
            _ when DatabaseFailure.Is(cause) || DeadlinePassed.Is(cause) => new Outcome<TState>.Unavailable(),
            _ => (Outcome<TState>?)null,
        };
        return outcome is null ? null : outcome with { Attempts = attempts };
    }

    private Claim Note(Happening happening)
    {
        lock (_lock)
        {
            (Knowledge, var claim) = After(Knowledge, happening);
            return claim;
        }
    }
}
