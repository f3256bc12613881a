using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Inventory.Client;

/// <summary>
/// Talks to the inventory service. Commands carry a key of their own and are sent again until their fate is known, so each takes effect at most once;
/// conflicts and refusals are answers, not exceptions.
/// </summary>
/// <param name="http">With the service's address as its base address and, where authentication is configured, a token.</param>
/// <param name="options">How patient to be.</param>
public sealed class InventoryClient(HttpClient http, InventoryClientOptions? options = null)
{
    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    private readonly InventoryClientOptions _options = options ?? new InventoryClientOptions();
    private readonly Repetition _repetition = new(http, options ?? new InventoryClientOptions());

    /// <summary>Brings a product into the catalogue.</summary>
    public Task<CommandOutcome> CreateAsync(string sku, string name, int initialQuantity, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Post, "products", new { sku, name, initialQuantity }, Seen.Nothing, null, cancellation);

    /// <summary>Gives a product another name. Needs the version seen.</summary>
    public Task<CommandOutcome> RenameAsync(ProductKey product, string name, Seen seen, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Put, $"products/{product.Path}/name", new { name }, seen, null, cancellation);

    /// <summary>Adds units to the stock or takes them from it.</summary>
    /// <param name="product">The product.</param>
    /// <param name="delta">Units that come in, or go out when negative.</param>
    /// <param name="reason">Why.</param>
    /// <param name="reference">A document it belongs to.</param>
    /// <param name="seen">The version seen, if any.</param>
    /// <param name="key">Its Idempotency-Key, to find out later what became of it; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public Task<CommandOutcome> AdjustAsync(
        ProductKey product, int delta, string reason, string? reference = null, Seen seen = default, string? key = null, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Post, $"products/{product.Path}/adjustments", new { delta, reason, reference }, seen, key, cancellation);

    /// <summary>Sets the stock to what was counted. Needs the version seen.</summary>
    /// <param name="product">The product.</param>
    /// <param name="counted">Units found.</param>
    /// <param name="seen">The version seen.</param>
    /// <param name="onConflict">What to do when stock has moved since: reject, keepCounted or keepDifference.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public Task<CommandOutcome> CountAsync(ProductKey product, int counted, Seen seen, string onConflict = "reject", CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Put, $"products/{product.Path}/quantity", new { counted, onConflict }, seen, null, cancellation);

    /// <summary>Promises units to somebody for a while.</summary>
    public Task<CommandOutcome> ReserveAsync(ProductKey product, int quantity, TimeSpan expiresIn, string? reference = null, CancellationToken cancellation = default) =>
        SendAsync(
            HttpMethod.Post, $"products/{product.Path}/reservations", new { quantity, expiresInSeconds = (int)Math.Ceiling(expiresIn.TotalSeconds), reference }, Seen.Nothing, null, cancellation);

    /// <summary>Takes promised units out of the warehouse; all of them when no quantity is given, else the rest goes back.</summary>
    public Task<CommandOutcome> CommitAsync(ProductKey product, Guid reservation, int? quantity = null, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Post, $"products/{product.Path}/reservations/{reservation}/commit", new { quantity }, Seen.Nothing, null, cancellation);

    /// <summary>Gives promised units back.</summary>
    public Task<CommandOutcome> ReleaseAsync(ProductKey product, Guid reservation, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Post, $"products/{product.Path}/reservations/{reservation}/release", new { }, Seen.Nothing, null, cancellation);

    /// <summary>Says below what the stock is low; null for never.</summary>
    public Task<CommandOutcome> SetReorderPointAsync(ProductKey product, int? reorderPoint, Seen seen = default, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Put, $"products/{product.Path}/reorder-point", new { reorderPoint }, seen, null, cancellation);

    /// <summary>Takes a product out of the range. Needs the version seen.</summary>
    public Task<CommandOutcome> DiscontinueAsync(ProductKey product, Seen seen, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Post, $"products/{product.Path}/discontinue", new { reason }, seen, null, cancellation);

    /// <summary>Brings a discontinued product back. Needs the version seen.</summary>
    public Task<CommandOutcome> ReinstateAsync(ProductKey product, Seen seen, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Post, $"products/{product.Path}/reinstate", new { }, seen, null, cancellation);

    /// <summary>Adds or takes units of several products, all or nothing.</summary>
    public async Task<OrderOutcome> OrderAsync(IReadOnlyList<OrderLine> lines, string reason, string? reference = null, CancellationToken cancellation = default)
    {
        using var ending = await _repetition.SendAsync(Request(HttpMethod.Post, "adjustments", new { lines, reason, reference }, Seen.Nothing, NewKey()), cancellation);
        return ending.Answer is { IsSuccessStatusCode: true } answer
            ? new OrderOutcome((await Repetition.ReadAsync<OrderResultBody>(answer, cancellation))!.Products, null)
            : new OrderOutcome([], ending.Problem ?? Unreachable);
    }

    /// <summary>A product as it is now, exactly; null when there is none.</summary>
    /// <exception cref="HttpRequestException">The service cannot be reached, or answers with an error.</exception>
    public async Task<ProductState?> FindAsync(ProductKey product, CancellationToken cancellation = default)
    {
        using var answer = await http.GetAsync(new Uri($"products/{product.Path}", UriKind.Relative), cancellation);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<ProductState>(Json, cancellation);
    }

    /// <summary>A page of the catalogue, which may be a moment old.</summary>
    /// <param name="search">Words to be found in SKU or name.</param>
    /// <param name="cursor"><see cref="CatalogPage.Next"/> of the page before.</param>
    /// <param name="after">Answers of commands that have to be in it: it is waited for them.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="HttpRequestException">The service cannot be reached, or answers with an error.</exception>
    public async Task<CatalogPage> BrowseAsync(
        string? search = null, string? cursor = null, IEnumerable<AcceptedAnswer>? after = null, CancellationToken cancellation = default)
    {
        var query = string.Join('&', new[] { ("search", search), ("cursor", cursor) }
            .Where(pair => pair.Item2 is not null).Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"products?{query}", UriKind.Relative));
        if (after?.Select(answer => $"{answer.ProductId}@{answer.Version.ToString(CultureInfo.InvariantCulture)}").ToList() is { Count: > 0 } versions)
        {
            request.Headers.Add("Read-After", versions);
        }

        using var answer = await http.SendAsync(request, cancellation);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<CatalogPage>(Json, cancellation))!;
    }

    /// <summary>Follows a product's changes until it is cancelled: every version after the one given, once and in order. A connection that breaks is made again.</summary>
    /// <param name="product">The product.</param>
    /// <param name="after">The version known; without one, from now on.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HttpRequestException">The service refuses, such as for a product that is not there.</exception>
    public async IAsyncEnumerable<LiveChange> FollowAsync(ProductKey product, long? after = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var last = after?.ToString(CultureInfo.InvariantCulture);
        while (true)
        {
            using var answer = await OpenAsync(product, last, cancellation);
            if (answer is not null)
            {
                var events = SseParser.Create(await answer.Content.ReadAsStreamAsync(cancellation)).EnumerateAsync(cancellation).GetAsyncEnumerator(cancellation);
                await using var closing = events.ConfigureAwait(false);
                while (await MovesAsync(events, cancellation))
                {
                    last = events.Current.EventId ?? last;
                    if (events.Current.EventType != "open")
                    {
                        yield return JsonSerializer.Deserialize<LiveChange>(events.Current.Data, Json)!;
                    }
                }
            }

            await Task.Delay(_options.FirstPause, _options.Clock, cancellation);
        }
    }

    private static ProblemAnswer Unreachable { get; } = new("about:blank", "The service cannot be reached", 0, "Try again later.");

    private string NewKey() => Guid.CreateVersion7(_options.Clock.GetUtcNow()).ToString();

    private async Task<CommandOutcome> SendAsync(HttpMethod method, string path, object body, Seen seen, string? key, CancellationToken cancellation)
    {
        key ??= NewKey();
        using var ending = await _repetition.SendAsync(Request(method, path, body, seen, key), cancellation);
        if (ending.IsInDoubt)
        {
            return new CommandOutcome.Unknown(key);
        }

        if (ending.Answer is not { } answer || answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
        {
            return new CommandOutcome.Unavailable(ending.Problem);
        }

        if (answer.IsSuccessStatusCode)
        {
            return new CommandOutcome.Accepted((await Repetition.ReadAsync<AcceptedAnswer>(answer, cancellation))!, answer.Headers.Contains("Idempotency-Replayed"));
        }

        return ending.Problem is { Type: "/problems/version-conflict" }
            ? new CommandOutcome.Conflicted((await Repetition.ReadAsync<ConflictAnswer>(answer, cancellation))!)
            : new CommandOutcome.Refused(ending.Problem!);
    }

    private static Func<HttpRequestMessage> Request(HttpMethod method, string path, object body, Seen seen, string key) => () =>
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body, options: Json) };
        request.Headers.Add("Idempotency-Key", key);
        if (seen.Header is { } header)
        {
            request.Headers.TryAddWithoutValidation(header, seen.Value);
        }

        return request;
    };

    private async Task<HttpResponseMessage?> OpenAsync(ProductKey product, string? last, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"products/{product.Path}/changes", UriKind.Relative));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        try
        {
            var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout)
            {
                answer.Dispose();
                return null;
            }

            return answer.EnsureSuccessStatusCode();
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            return null;
        }
    }

    private static async Task<bool> MovesAsync(IAsyncEnumerator<SseItem<string>> events, CancellationToken cancellation)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private sealed record OrderResultBody(IReadOnlyList<OrderedProduct> Products);
}
