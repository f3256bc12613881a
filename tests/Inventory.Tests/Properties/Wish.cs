using System.Text.Json;
using System.Text.Json.Nodes;
using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Tests.Properties;

/// <summary>
/// What a caller wanted, as a decision shows it. Events and states are compared as JSON, by all that is stored of them.
/// </summary>
internal static class Wish
{
    /// <summary>
    /// Whether two decisions of one command on two states do what the caller asked for, and the same: applied to the current
    /// state they come to the same, and their events differ only in what repeats the state before them, as the previous name
    /// does in <see cref="ProductRenamed"/>.
    /// </summary>
    public static bool IsSame(Decision.Accepted wanted, Product seen, Decision.Accepted done, Product current) =>
        wanted.Events.Count == done.Events.Count
        && wanted.Events.Zip(done.Events).All(pair => pair.First.GetType() == pair.Second.GetType()
            && Members(pair.First).All(member => AreEqual(member.Value, Members(pair.Second)[member.Key])
                || RepeatsWhatWas(member.Value, Members(pair.Second)[member.Key], Members(seen), Members(current))))
        && JsonNode.DeepEquals(Members(After(current, wanted)), Members(After(current, done)));

    /// <summary>
    /// Something that happened between the two states and would be gone: a field that changed, and that the command leaves just
    /// as it would have left it, had that never happened. Null when there is none.
    /// </summary>
    public static string? Undone(Decision.Accepted wanted, Product seen, Decision.Accepted done, Product current)
    {
        var (before, changed, alone, after) = (Members(seen), Members(current), Members(After(seen, wanted)), Members(After(current, done)));
        // The version counts what happened; it is no part of it.
        return before.Select(field => field.Key).FirstOrDefault(field => field != nameof(Product.Version)
            && !AreEqual(before[field], changed[field]) && AreEqual(after[field], alone[field]));
    }

    private static bool RepeatsWhatWas(JsonNode? wanted, JsonNode? done, JsonObject seen, JsonObject current) =>
        seen.Any(field => AreEqual(field.Value, wanted) && AreEqual(current[field.Key], done));

    private static Product After(Product before, Decision.Accepted decision) =>
        decision.Events.Aggregate(before, (state, e) => Product.Fold(state, state.Id, e));

    private static JsonObject Members(object recorded) => JsonSerializer.SerializeToNode(recorded, recorded.GetType())!.AsObject();

    private static bool AreEqual(JsonNode? one, JsonNode? other) => JsonNode.DeepEquals(one, other);
}
