using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Inventory.Tests.Hosting;

/// <summary>
/// The OpenAPI document, held against every answer that a scenario test gets: a status, a header, a kind of problem or a member that it
/// does not name fails the test.
/// </summary>
public sealed class Contract(JsonNode document)
{
    private static readonly string[] Headers = ["ETag", "Location", "Retry-After", "Idempotency-Replayed"];

    private readonly List<(Regex Path, JsonObject Operations)> _paths =
    [
        .. document["paths"]!.AsObject().Select(path => (
            new Regex($"^{Regex.Replace(Regex.Escape(path.Key).Replace("}", "\\}", StringComparison.Ordinal), @"\\\{[a-z]+\\\}", "[^/]+")}$", RegexOptions.None),
            path.Value!.AsObject()))
        // A literal part is a better match than a parameter.
        .OrderByDescending(path => path.Item1.ToString().Count(c => c == '/')).ThenBy(path => path.Item1.ToString().Contains("[^/]", StringComparison.Ordinal)),
    ];

    /// <summary>What the answer has that the document does not name; null when it keeps its word.</summary>
    public string? Breach(string method, string path, HttpAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(answer);
        var pathOnly = path.Split('?')[0];
        var operation = _paths.Where(known => known.Path.IsMatch(pathOnly)).Select(known => known.Operations[method.ToLowerInvariant()]).FirstOrDefault(known => known is not null);
        if (operation is null)
        {
            return null;
        }

        if (operation["responses"]![$"{answer.Status}"] is not { } response)
        {
            return $"answers {answer.Status}";
        }

        if (Headers.FirstOrDefault(name =>
                answer.Headers.ContainsKey(name) && answer.Status is not 304 and < 400 && response["headers"]?[name] is null) is { } header)
        {
            return $"answers {answer.Status} with {header}";
        }

        if (answer.ContentType?.Split(';')[0] is not { } mediaType)
        {
            return null;
        }

        if (response["content"]?[mediaType] is not { } content)
        {
            return $"answers {answer.Status} as {mediaType}";
        }

        if (!mediaType.EndsWith("json", StringComparison.Ordinal))
        {
            return null;
        }

        if (answer["type"]?.GetValue<string>() is { } type && answer.Status >= 400 && content["examples"]?[type["/problems/".Length..]] is null)
        {
            return $"answers {answer.Status} {type}";
        }

        return Fault(answer.Json, content["schema"]!, "") is { } fault ? $"answers {answer.Status} with {fault}" : null;
    }

    /// <summary>The first thing about a value that its schema does not allow.</summary>
    private string? Fault(JsonNode? value, JsonNode schema, string place)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
        {
            return Fault(value, document["components"]!["schemas"]![reference.Split('/')[^1]]!, place);
        }

        if ((schema["anyOf"] ?? schema["oneOf"]) is JsonArray choices)
        {
            return choices.Any(choice => Fault(value, choice!, place) is null) ? null : $"{place} of no allowed form";
        }

        var types = schema["type"] switch { JsonArray several => several.Select(type => type!.GetValue<string>()).ToList(), null => null, var one => [one.GetValue<string>()] };
        if (types is not null && !types.Any(type => Is(type, value)))
        {
            return $"{place} as {value?.GetValueKind().ToString() ?? "null"}, not {string.Join(" or ", types)}";
        }

        if (schema["enum"] is JsonArray allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value)))
        {
            return $"{place} = {value}";
        }

        return value switch
        {
            JsonObject members => MissingMember(members, schema, place) ?? members.Select(member =>
                schema["properties"]?[member.Key] is { } known ? Fault(member.Value, known, $"{place}/{member.Key}")
                : schema["additionalProperties"] is JsonObject open ? Fault(member.Value, open, $"{place}/{member.Key}")
                : schema["properties"] is null || schema["additionalProperties"] is JsonValue ? null
                : $"{place}/{member.Key}").FirstOrDefault(fault => fault is not null),
            JsonArray items when schema["items"] is { } item => items.Select((one, n) => Fault(one, item, $"{place}/{n}")).FirstOrDefault(fault => fault is not null),
            _ => null,
        };
    }

    private static string? MissingMember(JsonObject members, JsonNode schema, string place) =>
        (schema["required"] as JsonArray)?.Select(name => name!.GetValue<string>()).FirstOrDefault(name => !members.ContainsKey(name)) is { } missing
            ? $"no {place}/{missing}"
            : null;

    private static bool Is(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("null", null or System.Text.Json.JsonValueKind.Null) => true,
        ("object", System.Text.Json.JsonValueKind.Object) => true,
        ("array", System.Text.Json.JsonValueKind.Array) => true,
        ("string", System.Text.Json.JsonValueKind.String) => true,
        ("integer" or "number", System.Text.Json.JsonValueKind.Number) => true,
        ("boolean", System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False) => true,
        _ => false,
    };
}
