using System.Text.Json.Serialization;

namespace Inventory.Slices.Hosting;

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">The <c>cursor</c> of the next page; null on the last one.</param>
/// <param name="Freshness">How fresh it is.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next, Freshness Freshness);

/// <summary>How fresh an answer is.</summary>
/// <param name="UpToDate">Whether everything is in it that was written before it was asked for.</param>
/// <param name="AsOfVersion">The product's version it was read at, of an answer about one product.</param>
public sealed record Freshness(
    bool UpToDate,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? AsOfVersion = null)
{
    /// <summary>Read from what commands write in their own transaction.</summary>
    public static Freshness Exact { get; } = new(true);
}
