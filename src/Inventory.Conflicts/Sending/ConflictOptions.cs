using System.ComponentModel.DataAnnotations;

namespace Inventory.Conflicts;

/// <summary>Limits of the conflict mechanism. Bound from the section <c>Conflicts</c> of the configuration.</summary>
public sealed class ConflictOptions
{
    /// <summary>
    /// How long a command may take to be decided and committed, counted from when it had its turn: whether it loses races or the
    /// database does not answer, it is given up then. Default 5 s; 1 ms to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryDeadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The longest pause before the second attempt; the bound doubles with each further one up to
    /// <see cref="RetryDelayMax"/>, and the pause itself is drawn between zero and the bound ("full jitter").
    /// Default 4 ms; 0 to 1 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan RetryDelayFirst { get; set; } = TimeSpan.FromMilliseconds(4);

    /// <summary>The longest pause between two attempts. Default 100 ms; 0 to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan RetryDelayMax { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How many commands may wait for one stream on this node; one more is answered <c>overloaded</c>.
    /// Default 1,000; 1 to 100,000.
    /// </summary>
    [Range(1, 100_000)]
    public int WaitingPerStreamMax { get; set; } = 1_000;

    /// <summary>
    /// How many commands may wait on this node for whatever stream; one more is answered <c>overloaded</c>.
    /// Default 10,000; 1 to 1,000,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int WaitingPerNodeMax { get; set; } = 10_000;

    /// <summary>
    /// How long a command may wait for its turn on a stream; one whose turn comes later is answered <c>overloaded</c>,
    /// surely not executed. Default 10 s; 1 ms to 5 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00")]
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many lanes fold commands side by side; the streams are spread over them. More use more connections and make
    /// smaller commits. Default 2; 1 to 32.
    /// </summary>
    [Range(1, 32)]
    public int Lanes { get; set; } = 2;

    /// <summary>How many commands are folded into one commit at most. Default 256; 1 to 5,000.</summary>
    [Range(1, 5_000)]
    public int CommandsPerCommitMax { get; set; } = 256;

    /// <summary>
    /// Of how many streams this node remembers the state that its last commit left, so that a command on one needs no
    /// read. Default 10,000; 0 to 1,000,000.
    /// </summary>
    [Range(0, 1_000_000)]
    public int KnownStatesMax { get; set; } = 10_000;

    /// <summary>
    /// How long a remembered state is used without being read again. Commits prove that it still holds; this bounds how long
    /// one lives on after the database's tables were put back under a running server. Default 5 s; 0 to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan KnownStatesKept { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a stream is held under a row lock while its commands are decided, after another node was found writing
    /// to it, so that nodes alternate instead of undoing each other's work. It begins anew whenever another
    /// node is found. Default 1 s; 0 to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ExclusiveFor { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the receipt of a command with an <c>Idempotency-Key</c> is kept. Default 7 days; 1 min to 365 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan ReceiptsKept { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long an entry of the conflict log is kept. Default 30 days; 1 min to 3,650 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan ConflictsKept { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long the receipt of a command without a key is kept. It settles a commit whose connection was lost, so
    /// it has to outlive that command's attempts only. Default 1 h; 1 min to 365 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan ReceiptsWithoutKeyKept { get; set; } = TimeSpan.FromHours(1);
}
