namespace Inventory.Conflicts;

/// <summary>How a command ended. A closed set; over HTTP each case has one answer.</summary>
/// <typeparam name="TAggregate">The aggregate the command addressed.</typeparam>
public abstract record Outcome<TAggregate>
{
    private Outcome()
    {
    }

    /// <summary>The answer in the form that receipts keep; null when it is made of the outcome itself.</summary>
    public Answer? Kept { get; init; }

    /// <summary>How many attempts it took, from 1.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>
    /// Whether somebody else wrote to the stream between the load and the commit of an attempt. Attempts alone do not say so: a
    /// connection may have been lost, or a neighbour in the same commit its race.
    /// </summary>
    internal bool LostRace { get; init; }

    /// <summary>Whether its answer is kept with the commit, and given again to whoever sends the same request under the same key.</summary>
    internal bool LeavesReceipt => this is Accepted or Refused { Refusal.IsFinal: true };

    /// <summary>The command's events are in the stream.</summary>
    /// <param name="State">The state right after them, at their version.</param>
    /// <param name="MergedWith">
    /// Later changes than the version the caller had named, all found compatible, oldest first; at most
    /// <see cref="UnseenEvents.ListedMax"/>, the newest. Empty when the caller named none.
    /// </param>
    public sealed record Accepted(TAggregate State, IReadOnlyList<Change> MergedWith) : Outcome<TAggregate>;

    /// <summary>A rule refused the command on the state given. Nothing was written.</summary>
    public sealed record Refused(Refusal Refusal, TAggregate? Current) : Outcome<TAggregate>;

    /// <summary>What the caller had not seen stands against the command. Nothing was written.</summary>
    public sealed record Conflicted(Conflict<TAggregate> Conflict) : Outcome<TAggregate>;

    /// <summary>There is no such stream.</summary>
    public sealed record NotFound : Outcome<TAggregate>;

    /// <summary>The command's policy wants the version its caller saw, and none was named (RFC 6585, section 3).</summary>
    public sealed record PreconditionRequired : Outcome<TAggregate>;

    /// <summary>The caller says it saw a version that the stream has not reached.</summary>
    public sealed record SeenVersionAhead(long SeenVersion, long CurrentVersion) : Outcome<TAggregate>;

    /// <summary>The command was executed before under this key, and this was the answer.</summary>
    public sealed record Replayed(Answer Answer) : Outcome<TAggregate>;

    /// <summary>The key belongs to another request. Nothing was executed.</summary>
    public sealed record KeyReused : Outcome<TAggregate>;

    /// <summary>A request with this key is being executed at this moment.</summary>
    public sealed record InFlight : Outcome<TAggregate>;

    /// <summary>Every attempt until the deadline lost its race. Nothing was written; sending it again is safe.</summary>
    public sealed record RetriesExhausted : Outcome<TAggregate>;

    /// <summary>Too many commands wait, for the same stream or on this node. It was not executed; sending it again is safe.</summary>
    public sealed record Overloaded : Outcome<TAggregate>;

    /// <summary>The database could not be reached, or did not answer in time. Nothing was written; sending it again is safe.</summary>
    public sealed record Unavailable : Outcome<TAggregate>;

    /// <summary>
    /// A COMMIT of the command was sent, nobody said what became of it, and it could not be found out in time. It may or may
    /// not have taken effect; only sending it again under the same key is safe.
    /// </summary>
    public sealed record Unknown : Outcome<TAggregate>;
}

/// <summary>A conflict, told so that a person can act on it.</summary>
/// <param name="Command">The command's name.</param>
/// <param name="Strict">The caller asked for an exact version (<c>If-Match</c>) rather than naming the one it saw.</param>
/// <param name="SeenVersion">The version the caller decided on; null when it named none that exists.</param>
/// <param name="Current">The state now.</param>
/// <param name="Unseen">What happened since <paramref name="SeenVersion"/>.</param>
/// <param name="Own">What the caller's command would do to the state now, in words; empty when a rule would refuse it.</param>
public sealed record Conflict<TAggregate>(
    string Command, bool Strict, long? SeenVersion, TAggregate Current, UnseenEvents Unseen, IReadOnlyList<OwnChange> Own)
{
    /// <summary>The ways in which the sender can settle it, by name, with what each comes to; null when there are none.</summary>
    public IReadOnlyDictionary<string, object>? Options { get; init; }
}

/// <summary>What the caller's own command would do, in words.</summary>
public sealed record OwnChange(string Event, string Summary);

/// <summary>One event that the caller had not seen.</summary>
/// <param name="Version">Its version in the stream.</param>
/// <param name="Event">The event's type name.</param>
/// <param name="Summary">The event in words.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="At">When it was appended, by the database server's clock, UTC.</param>
/// <param name="Clashes">Whether it clashes with the caller's command.</param>
public sealed record Change(long Version, string Event, string Summary, string Actor, DateTimeOffset At, bool Clashes);
