using System.Reflection;
using System.Text.Json.Nodes;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Examples of bodies and answers, by the name of their schema in the OpenAPI document: one story, as the service has told it. That they fit
/// their schemas is checked wherever the document is.
/// </summary>
internal static class Examples
{
    private static readonly JsonObject All = Read();

    /// <summary>The example of a schema; null when it has none.</summary>
    public static JsonNode? Of(string schema) => All[schema]?.DeepClone();

    private static JsonObject Read()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("examples.json")!;
        return JsonNode.Parse(file)!.AsObject();
    }
}
