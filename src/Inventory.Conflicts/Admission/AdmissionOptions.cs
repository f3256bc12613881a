using System.ComponentModel.DataAnnotations;

namespace Inventory.Conflicts;

/// <summary>
/// How the connections of the pool are shared out among the kinds of work. Bound from the section <c>Admission</c> of
/// the configuration. A share is a percentage of the pool's maximum size (Npgsql's <c>Maximum Pool Size</c>, 100 unless
/// the connection string says otherwise), rounded down, and at least one connection.
/// </summary>
public sealed class AdmissionOptions
{
    /// <summary>The section.</summary>
    public const string Section = "Admission";

    /// <summary>The smallest pool that can be shared out, in connections.</summary>
    public const int PoolMin = 20;

    /// <summary>
    /// How much of the pool all shares together may take, in per cent. The rest is for what runs in the background.
    /// </summary>
    public const int SharesMax = 92;

    /// <summary>The share of commits of folded commands, in per cent of the pool. Default 10; 1 to 80.</summary>
    [Range(1, 80)]
    public int Batches { get; set; } = 10;

    /// <summary>The share of commands that are executed alone, in per cent of the pool. Default 18; 1 to 80.</summary>
    [Range(1, 80)]
    public int CommandsAlone { get; set; } = 18;

    /// <summary>The share of commands on several streams, in per cent of the pool. Default 8; 1 to 80.</summary>
    [Range(1, 80)]
    public int Orders { get; set; } = 8;

    /// <summary>The share of exact reads, in per cent of the pool. Default 14; 1 to 80.</summary>
    [Range(1, 80)]
    public int ExactReads { get; set; } = 14;

    /// <summary>The share of lists, searches and reports, in per cent of the pool. Default 12; 1 to 80.</summary>
    [Range(1, 80)]
    public int Lists { get; set; } = 12;

    /// <summary>The share of reads for those who follow changes, in per cent of the pool. Default 6; 1 to 80.</summary>
    [Range(1, 80)]
    public int Streams { get; set; } = 6;

    /// <summary>
    /// The share of exports, which take a connection for each part they send, in per cent of the pool. Default 4; 1 to
    /// 80.
    /// </summary>
    [Range(1, 80)]
    public int Exports { get; set; } = 4;

    /// <summary>
    /// The share of what imports look up and write down, in per cent of the pool. Default 5; 1 to 80.
    /// </summary>
    [Range(1, 80)]
    public int Imports { get; set; } = 5;

    /// <summary>
    /// The share kept for projections, in per cent of the pool. They are few, and each takes one connection at a time.
    /// Default 5; 1 to 80.
    /// </summary>
    [Range(1, 80)]
    public int Projections { get; set; } = 5;

    /// <summary>
    /// The share kept for messages, in per cent of the pool. Their commands are admitted like everybody's; this is for
    /// what the queues read and write about them. Default 8; 1 to 80.
    /// </summary>
    [Range(1, 80)]
    public int Messages { get; set; } = 8;

    /// <summary>
    /// How much work of one kind may wait for its budget on a node; one more is answered <c>overloaded</c>.
    /// Default 1,000; 1 to 100,000.
    /// </summary>
    [Range(1, 100_000)]
    public int WaitingMax { get; set; } = 1_000;

    /// <summary>
    /// How long work waits for its budget, unless it has a deadline of its own; then it is answered <c>overloaded</c>,
    /// surely not begun. Default 2 s; 1 ms to 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How much of the pool a kind of work has, in per cent.</summary>
    internal int ShareOf(Work work) => work switch
    {
        Work.Batch => Batches,
        Work.CommandAlone => CommandsAlone,
        Work.Order => Orders,
        Work.ExactRead => ExactReads,
        Work.List => Lists,
        Work.Stream => Streams,
        Work.Export => Exports,
        Work.Import => Imports,
        Work.Projection => Projections,
        Work.Message => Messages,
        _ => throw new ArgumentOutOfRangeException(nameof(work), work, null),
    };

    /// <summary>How many connections of a pool a kind of work may take at once.</summary>
    internal int LimitOf(Work work, int pool) => Math.Max(1, pool * ShareOf(work) / 100);

    /// <summary>What is wrong with sharing a pool out like this, and what to set; null when nothing is.</summary>
    internal string? Fault(int pool)
    {
        var shares = Enum.GetValues<Work>().Sum(ShareOf);
        return pool < PoolMin
                ? $"The pool has {pool} connections at most, and {PoolMin} are needed to give every kind of work some: "
                  + "set Maximum Pool Size in the connection string."
            : shares > SharesMax
                ? $"The shares in {Section} add up to {shares} % of the pool, and {SharesMax} % are to be had: "
                  + "lower some of them."
            : null;
    }
}
