using System.Text.Json.Serialization;
using Inventory.Conflicts;
using JasperFx.Events;

namespace Inventory.Slices.Insight;

/// <summary>A change, as readers of live updates get it.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Version">Its version after the change.</param>
/// <param name="Event">The type of the change.</param>
/// <param name="Summary">It in words; of a single product's changes only.</param>
/// <param name="Actor">Who made it.</param>
/// <param name="At">When, UTC.</param>
/// <param name="CommandId">The command that brought it about.</param>
public sealed record ChangeItem(
    Guid ProductId, long Version, string Event, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Summary, string Actor,
    DateTimeOffset At, string? CommandId)
{
    /// <summary>Tells a change.</summary>
    internal static ChangeItem Of(IEvent e, string? summary = null) =>
        new(e.StreamId, e.Version, e.EventType.Name, summary, e.UserName ?? CommandContext.System, e.Timestamp.ToUniversalTime(), e.CausationId);
}
