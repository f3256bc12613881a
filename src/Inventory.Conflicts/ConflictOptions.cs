using System.ComponentModel.DataAnnotations;

namespace Inventory.Conflicts;

/// <summary>Limits of the conflict mechanism. Bound from the section <c>Conflicts</c> of the configuration.</summary>
public sealed class ConflictOptions
{
    /// <summary>
    /// How long a command may go on losing races before it is given up as <c>conflict-retries-exhausted</c>, counted
    /// from when it had its turn. Default 5 s; 1 ms to 1 min.
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
    /// How long a command may wait for its turn on a stream; after that it is answered <c>overloaded</c>, surely not
    /// executed. Default 10 s; 1 ms to 5 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00")]
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(10);
}
