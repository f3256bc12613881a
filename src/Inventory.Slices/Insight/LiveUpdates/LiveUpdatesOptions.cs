using System.ComponentModel.DataAnnotations;

namespace Inventory.Slices.Insight;

/// <summary>What readers of live updates may take, in the section <c>LiveUpdates</c> of the configuration.</summary>
public sealed class LiveUpdatesOptions
{
    /// <summary>The section.</summary>
    public const string Section = "LiveUpdates";

    /// <summary>How many may follow changes on one node, 1 to 100,000; one more is answered <c>overloaded</c>. Default: 500.</summary>
    [Range(1, 100_000)]
    public int ReadersMax { get; set; } = 500;

    /// <summary>
    /// How long a reader may take nothing although something is to be sent, 1 s to 10 min; then it is cut off and its place is free. Default: 10 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StallMax { get; set; } = TimeSpan.FromSeconds(10);
}
