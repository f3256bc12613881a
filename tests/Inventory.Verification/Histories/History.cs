namespace Inventory.Verification.Histories;

/// <summary>Everything that the checker looks at.</summary>
/// <param name="Run">What was run.</param>
/// <param name="Operations">What clients asked for and were answered, in no particular order.</param>
/// <param name="Log">The events, straight from the database, in the order of their sequence.</param>
/// <param name="Tables">What the projections had come to when the faults were over.</param>
internal sealed record History(RunFacts Run, IReadOnlyList<Operation> Operations, IReadOnlyList<LoggedEvent> Log, ProjectedTables Tables)
{
    /// <summary>What each reader of the event stream was told, in the order it was told in.</summary>
    public IReadOnlyList<IReadOnlyList<ToldEvent>> Followers { get; init; } = [];

    /// <summary>The histories that were lost from some point on, in order: one for each time that the database was set back.</summary>
    public IReadOnlyList<LostHistory> Lost { get; init; } = [];

    /// <summary>The ids of the facts that a receiver of webhooks was told, in the order it was told in; null when there was none.</summary>
    public IReadOnlyList<string>? Delivered { get; init; }
}

/// <summary>An event as a reader of the event stream was told it.</summary>
internal sealed record ToldEvent(long Sequence, Guid Product, long Version);

/// <summary>What was run.</summary>
/// <param name="Seed">What all chance in the run came from.</param>
/// <param name="Workload">What clients asked for.</param>
/// <param name="Faults">What was done to the nodes and the database.</param>
/// <param name="Nodes">How many nodes there were.</param>
/// <param name="Products">The products that were made.</param>
/// <param name="Began">The wall clock when the run's own clock was 0.</param>
/// <param name="Ended">The wall clock when the tables were read.</param>
internal sealed record RunFacts(
    ulong Seed, string Workload, string Faults, int Nodes, IReadOnlyList<Guid> Products, DateTimeOffset Began, DateTimeOffset Ended)
{
    /// <summary>How far the clock of the last node was ahead.</summary>
    public TimeSpan Ahead { get; init; }

    /// <summary>The operations of which the network delivered a request twice.</summary>
    public IReadOnlyList<string> SentTwice { get; init; } = [];

    /// <summary>What was done to the nodes and the database, and when.</summary>
    public IReadOnlyList<FaultSpan> Spans { get; init; } = [];

    /// <summary>How often a node whose commit had been lost met an error, by the error's class (the SQLSTATE's first two characters).</summary>
    public IReadOnlyDictionary<string, int> ErrorsAfterDoubt { get; init; } = new Dictionary<string, int>();

    /// <summary>When the database was set back.</summary>
    public IReadOnlyList<SetBack> SetBacks { get; init; } = [];

    /// <summary>In which parts somebody was a nuisance.</summary>
    public IReadOnlyList<Phase> Phases { get; init; } = [];

    /// <summary>What was held before the load and after it.</summary>
    public IReadOnlyList<Held> Held { get; init; } = [];

    /// <summary>How often a listener of traces or metrics or a log provider threw in a node.</summary>
    public int Thrown { get; init; }

    /// <summary>When clients themselves were late, because the machine had no time for them.</summary>
    public IReadOnlyList<Late> Lateness { get; init; } = [];

    /// <summary>How many messages that had been handled were delivered once more.</summary>
    public int Redelivered { get; init; }

    /// <summary>How often another node took over the sharing out of the projections.</summary>
    public int Takeovers { get; init; }

    /// <summary>How many commands were decided again because somebody else had been first, without their callers having to care.</summary>
    public int Redone { get; init; }
}

/// <summary>A client was late.</summary>
/// <param name="At">When that was seen, in microseconds since the run began.</param>
/// <param name="Microseconds">By how much.</param>
internal sealed record Late(long At, long Microseconds);

/// <summary>The rows of the projections.</summary>
internal sealed record ProjectedTables(IReadOnlyList<Shown> List, IReadOnlyList<ProjectedReservation> Reservations);

/// <summary>A row of the reservations.</summary>
internal sealed record ProjectedReservation(Guid Id, Guid Product, int Quantity, string Status, int? Committed);
