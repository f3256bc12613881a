using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inventory.Verification.Histories;

namespace Inventory.Verification.Running;

/// <summary>Requests as HTTP, and answers as what they claim.</summary>
internal static class Wire
{
    private static readonly string[] SurelyNotDone = ["overloaded", "conflict-retries-exhausted", "unavailable", "not-yet-visible", "not-ready"];

    // A client's own span, of which nobody is told anything.
    private const string Caller = "00000000000000c1";

    /// <summary>Bodies that no adjustment has.</summary>
    public static IReadOnlyList<string> Malformed { get; } =
    [
        "", "{", "null", "[]", "\"-1\"", """{"delta":-1}""", """{"delta":"-1","reason":"sale"}""", """{"delta":-1.5,"reason":"sale"}""", """{"delta":1e400,"reason":"sale"}""",
        """{"delta":0,"reason":"sale"}""", """{"delta":-2147483649,"reason":"sale"}""", """{"delta":-1,"delta":-2,"reason":"sale"}""", """{"delta":-1,"reason":"sale","version":1}""",
        """{"delta":-1,"reason":"sale"}{}""", """{"delta":-1,"reason":"\u0000"}""", """{"delta":-1,"reason":"\ud800"}""", $$"""{"delta":-1,"reason":"{{new string('x', 70_000)}}"}""",
    ];

    /// <summary>Sends a request once. Whatever goes wrong on the way is an unknown outcome.</summary>
    public static async Task<Reply> SendAsync(HttpClient node, string operation, int attempt, Request request, TimeSpan patience)
    {
        try
        {
            using var stop = new CancellationTokenSource(patience);
            using var message = Message(operation, attempt, request);
            using var answer = await node.SendAsync(message, stop.Token);
            return Reply(request, answer, await answer.Content.ReadAsStringAsync(stop.Token));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or SocketException or JsonException)
        {
            return new Reply(End.Unknown, 0) { Error = e.GetType().Name };
        }
    }

    private static HttpRequestMessage Message(string operation, int attempt, Request request)
    {
        var product = $"/products/{request.Product}";
        var (method, path, body) = request.Act switch
        {
            Act.Create => (HttpMethod.Post, "/products", (object?)new { sku = request.Product.ToString("N"), name = request.Text, initialQuantity = request.Amount, id = request.Product }),
            Act.Adjust => (HttpMethod.Post, $"{product}/adjustments", new { delta = request.Amount, reason = "sale" }),
            Act.Rename => (HttpMethod.Put, $"{product}/name", new { name = request.Text }),
            Act.ReorderPoint => (HttpMethod.Put, $"{product}/reorder-point", new { reorderPoint = request.Amount }),
            Act.Count => (HttpMethod.Put, $"{product}/quantity", new { counted = request.Amount }),
            Act.Reserve => (HttpMethod.Post, $"{product}/reservations", new { quantity = request.Amount, expiresInSeconds = request.Seconds }),
            Act.Commit => (HttpMethod.Post, $"{product}/reservations/{request.Reservation}/commit", new { quantity = request.Amount }),
            Act.Release => (HttpMethod.Post, $"{product}/reservations/{request.Reservation}/release", new { }),
            Act.Order => (HttpMethod.Post, "/adjustments", new { lines = request.Lines!.Select(line => new { productId = line.Product, delta = line.Units }), reason = "order" }),
            Act.Discontinue => (HttpMethod.Post, $"{product}/discontinue", new { reason = "season" }),
            Act.Reinstate => (HttpMethod.Post, $"{product}/reinstate", new { }),
            Act.Import => (HttpMethod.Post, "/imports", null),
            Act.Malformed => (HttpMethod.Post, $"{product}/adjustments", null),
            Act.Read => (HttpMethod.Get, product, null),
            _ => (HttpMethod.Get, "/products?limit=200", null),
        };
        var message = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = request.Act == Act.Import ? new StringContent(File(request), Encoding.UTF8, "text/csv")
                : request.Act == Act.Malformed ? new StringContent(Malformed[request.Amount], Encoding.UTF8, "application/json")
                : body is null ? null
                : JsonContent.Create(body, body.GetType()),
        };
        if (request.Writes)
        {
            message.Headers.Add("Actor", operation);
            message.Headers.Add("Idempotency-Key", operation);
            message.Headers.Add("traceparent", $"00-{Operation.TraceOf(operation, attempt)}-{Caller}-00");
        }

        if (request is { Act: Act.List, Seen: { } after })
        {
            message.Headers.Add("Read-After", $"{request.Product}@{after.ToString(CultureInfo.InvariantCulture)}");
            message.Headers.Add("Prefer", "handling=strict");
        }
        else if (request.Seen is { } seen)
        {
            message.Headers.Add("Seen-Version", seen.ToString(CultureInfo.InvariantCulture));
        }

        if (request.IfMatch is { } match)
        {
            message.Headers.TryAddWithoutValidation("If-Match", $"\"{match.ToString(CultureInfo.InvariantCulture)}\"");
        }

        return message;
    }

    /// <summary>Lines of invoices, in which positive quantities are sold.</summary>
    private static string File(Request request) => string.Concat(
        request.Lines!.Select(line => string.Create(CultureInfo.InvariantCulture, $"1,{line.Product:N},,{-line.Units}\n")).Prepend("InvoiceNo,StockCode,Description,Quantity\n"));

    private static Reply Reply(Request request, HttpResponseMessage answer, string text)
    {
        var status = (int)answer.StatusCode;
        using var json = JsonDocument.Parse(text);
        var body = json.RootElement;
        var problem = status >= 400 && Find(body, "type")?.GetString() is { } type ? type[(type.LastIndexOf('/') + 1)..] : null;
        var end = status switch
        {
            // It was begun, and is not done.
            202 => End.Unknown,
            < 300 => End.Ok,
            < 500 => End.Refused,
            _ => SurelyNotDone.Contains(problem) ? End.Refused : End.Unknown,
        };
        return new Reply(end, status)
        {
            Problem = problem,
            Shown = end == End.Ok ? Shown(request, body) : Find(body, "current") is { } current ? [Product(current)] : [],
            RefusedLines = Find(body, "refusedLines") is { } lines ? [.. lines.EnumerateArray().Select(line => Guid.Parse(line.GetProperty("sku").GetString()!))] : [],
            Grounds = end == End.Refused ? Grounds(body) : [],
            Changes = Find(body, "changes") is { } changes && end == End.Refused
                ? [.. changes.EnumerateArray().Select(change => new ToldChange(change.GetProperty("version").GetInt64(), change.GetProperty("event").GetString()!, change.GetProperty("clashes").GetBoolean()))]
                : [],
            Reservation = Find(body, "reservation") is { } reservation && end == End.Ok ? reservation.GetProperty("id").GetGuid() : null,
            Replayed = answer.Headers.Contains("Idempotency-Replayed"),
            Body = request.Writes ? Hash($"{answer.Headers.ETag?.Tag} {answer.Headers.Location} {text}") : null,
            Lag = request.Act == Act.List && Find(body, "freshness") is { } lag
                ? new StatedLag(
                    lag.GetProperty("upToDate").GetBoolean(), lag.GetProperty("asOfSequence").GetInt64(), lag.GetProperty("headSequence").GetInt64(),
                    lag.GetProperty("lagEvents").GetInt64(), lag.GetProperty("lagMs").GetInt64())
                : null,
        };
    }

    private static List<Shown> Shown(Request request, JsonElement body) => request.Act switch
    {
        Act.Read => [Product(body)],
        Act.Import => [],
        Act.List => [.. body.GetProperty("items").EnumerateArray().Select(Product)],
        Act.Order => [.. body.GetProperty("products").EnumerateArray().Select(line => Product(line.GetProperty("product")))],
        _ => [Product(body.GetProperty("product"))],
    };

    private static List<Ground> Grounds(JsonElement body)
    {
        var about = Find(body, "products") is { } products ? products.EnumerateArray().ToArray() : [body];
        return
        [
            .. from one in about
               where Find(one, "productId") is not null && Find(one, "version") is not null
               select new Ground(one.GetProperty("productId").GetGuid(), one.GetProperty("version").GetInt64(), Find(one, "available")?.GetInt32(), Find(one, "requested")?.GetInt32()),
        ];
    }

    private static Shown Product(JsonElement json) => new(
        json.GetProperty("id").GetGuid(), json.GetProperty("version").GetInt64(), json.GetProperty("name").GetString()!, json.GetProperty("onHand").GetInt32(),
        json.GetProperty("reserved").GetInt32(), json.GetProperty("available").GetInt32(), Find(json, "reorderPoint")?.GetInt32(), json.GetProperty("discontinued").GetBoolean());

    private static JsonElement? Find(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
}
