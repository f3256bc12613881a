using System.Text.Json.Serialization;

namespace Inventory.Slices.Hosting;

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">The <c>cursor</c> of the next page; null on the last one.</param>
/// <param name="Freshness">How fresh it is.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next, Freshness Freshness);

/// <summary>How fresh an answer is. What is said of the lag is never less than it was when the answer was read.</summary>
/// <param name="UpToDate">Whether everything is in it that was written before it was read.</param>
/// <param name="AsOfVersion">The product's version it was read at, of an answer about one product.</param>
/// <param name="AsOfSequence">The store's sequence number up to which every event is in it, of an answer that is eventually consistent.</param>
/// <param name="HeadSequence">The sequence number of the newest event in the store.</param>
/// <param name="LagEvents">How many events at most are not in it. 0 or more.</param>
/// <param name="LagMs">How old the oldest event is that is not in it, in milliseconds; 0 when none is missing.</param>
public sealed record Freshness(
    bool UpToDate,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? AsOfVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? AsOfSequence = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? HeadSequence = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? LagEvents = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? LagMs = null)
{
    /// <summary>Read from what commands write in their own transaction.</summary>
    public static Freshness Exact { get; } = new(true);
}
