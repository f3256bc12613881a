using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Inventory.Slices.Hosting;

/// <summary>Reads a JSON body strictly, and says what is wrong with one that is not.</summary>
public static partial class RequestBody
{
    /// <summary>Reads the body whole. Exactly one of the two results is there.</summary>
    public static async Task<(byte[]? Bytes, Problem? Problem)> ReadAsync(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IsPlainJson(request))
        {
            return (null, new Problem(ProblemTypes.UnsupportedMediaType));
        }

        if (request.ContentLength > HttpLimits.BodyBytesMax)
        {
            return (null, new Problem(ProblemTypes.BodyTooLarge));
        }

        try
        {
            // The server ends a body without a length at its own limit, which is the same.
            var reader = request.BodyReader;
            ReadResult read;
            while (!(read = await reader.ReadAsync(request.HttpContext.RequestAborted)).IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }

            var bytes = read.Buffer.ToArray();
            reader.AdvanceTo(read.Buffer.End);
            UnreadBodies.WasRead(request.HttpContext);
            return (bytes, null);
        }
        catch (IOException e)
        {
            UnreadBodies.BrokeOff(request.HttpContext);
            // Not every body that is no good is a bad request to the web server: a chunk whose size overflows is not.
            return (null, e is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }
                ? new Problem(ProblemTypes.BodyTooLarge)
                : Problem.Malformed("The body could not be read to its end."));
        }
    }

    /// <summary>Reads JSON strictly. Exactly one of the two results is there.</summary>
    public static (T? Body, Problem? Problem) Parse<T>(byte[] bytes) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, HttpJson.Options) is { } body
                ? (body, null)
                : (null, Problem.Malformed("The body is null; this route takes a JSON object."));
        }
        catch (JsonException e)
        {
            return (null, Problem.Malformed(Explain(e)));
        }
    }

    /// <summary>
    /// <c>application/json</c>, in UTF-8 (RFC 8259, section 8.1), without a content coding. A body that says it is
    /// something else is not guessed at.
    /// </summary>
    private static bool IsPlainJson(HttpRequest request) =>
        request.Headers.ContentEncoding.Count == 0
        && request.Headers.ContentType.Count == 1
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && type.Parameters.All(parameter =>
            parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)
            && HeaderUtilities.RemoveQuotes(parameter.Value).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    /// <summary>The serializer's own sentences speak of .NET types, which mean nothing to the caller.</summary>
    private static string Explain(JsonException e)
    {
        var place = e.LineNumber is { } line ? $" (at {e.Path ?? "$"}, line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
        var fault = e.Message switch
        {
            var m when m.Contains("missing required properties", StringComparison.Ordinal) =>
                "members are missing: " + string.Join(", ", QuotedNames().Matches(m).Select(match => match.Groups[1].Value)),
            var m when m.Contains("could not be mapped", StringComparison.Ordinal) => "this route knows no such member",
            var m when m.Contains("allow null values", StringComparison.Ordinal) => "this member must not be null",
            var m when m.Contains("could not be converted", StringComparison.Ordinal) => "the value is of the wrong kind or out of range",
            var m when m.Contains("uplicate", StringComparison.Ordinal) => "a member is there twice",
            var m => m.Split(". LineNumber:")[0].Split(" Path: ")[0].TrimEnd('.', ' '),
        };
        return $"The body is not the JSON this route takes{place}: {fault}.";
    }

    [GeneratedRegex("'([a-z][A-Za-z]*)'", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedNames();
}
