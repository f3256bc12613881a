using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inventory.Slices.Hosting;

/// <summary>How JSON is read and written over HTTP. Reading is strict: what is not understood is refused, never guessed.</summary>
public static class HttpJson
{
    /// <summary>The options all bodies go through.</summary>
    public static JsonSerializerOptions Options { get; } = Made();

    /// <summary>Makes other options the same.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        // The defaults of the web read "5" as 5, keep the last of two members of one name, ignore unknown ones, and let
        // missing ones be null or 0.
        options.NumberHandling = JsonNumberHandling.Strict;
        options.AllowDuplicateProperties = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = HttpLimits.JsonDepthMax;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        // Answers are read by people in a terminal too. They are served as JSON, never inside HTML.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    }

    private static JsonSerializerOptions Made()
    {
        var options = new JsonSerializerOptions();
        Apply(options);
        return options;
    }
}
