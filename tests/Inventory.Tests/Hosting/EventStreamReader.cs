using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Inventory.Tests.Hosting;

/// <summary>Reads server-sent events off a real socket.</summary>
internal static class EventStreamReader
{
    public static async IAsyncEnumerable<(long Id, string Type, JsonNode Data)> ReadAsync(
        HttpClient client, string path, long? last, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (last is { } id)
        {
            request.Headers.Add("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        Assert.Equal((200, "text/event-stream"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
        var fields = new Dictionary<string, string>();
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length > 0)
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                fields[line[..colon]] = line[(colon + 2)..];
            }
            else if (fields.TryGetValue("data", out var data))
            {
                yield return (long.Parse(fields["id"], CultureInfo.InvariantCulture), fields["event"], JsonNode.Parse(data)!);
                fields.Clear();
            }
        }
    }
}
