using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Inventory.Client;

/// <summary>
/// Talks to the inventory service. Commands carry a key and are sent again until their fate is known, so each takes effect at most once;
/// conflicts, refusals and doubt are answers, not exceptions. Every command takes a key, and makes one when it is left out; the outcome tells it.
/// A key is its sender's: under another token or name the same request is another command.
/// </summary>
/// <remarks>
/// All methods may be called by several threads at once, as those of <see cref="HttpClient"/> may. A command that is cancelled before it can have taken
/// effect ends with an <see cref="OperationCanceledException"/>.
/// </remarks>
/// <param name="http">With the service's address as its base address and, where authentication is configured, a token.</param>
/// <param name="options">How patient to be.</param>
public sealed class InventoryClient(HttpClient http, InventoryClientOptions? options = null)
{
    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    private readonly InventoryClientOptions _options = options ?? new InventoryClientOptions();
    private readonly Repetition _repetition = new(http, options ?? new InventoryClientOptions());

    /// <summary>Brings a product into the catalogue.</summary>
    /// <param name="sku">Its stock keeping unit; no other product has it, in any case.</param>
    /// <param name="name">Its name.</param>
    /// <param name="initialQuantity">Units on hand.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> CreateAsync(string sku, string name, int initialQuantity, string? key = null, CancellationToken cancellation = default) =>
        SendAsync("POST", "products", new { sku, name, initialQuantity }, Seen.Nothing, key, cancellation);

    /// <summary>Gives a product another name. Needs the version seen.</summary>
    /// <param name="product">The product.</param>
    /// <param name="name">Its new name.</param>
    /// <param name="seen">The version seen.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> RenameAsync(ProductKey product, string name, Seen seen, string? key = null, CancellationToken cancellation = default) =>
        SendAsync("PUT", $"products/{product.Path}/name", new { name }, seen, key, cancellation);

    /// <summary>Adds units to the stock or takes them from it.</summary>
    /// <param name="product">The product.</param>
    /// <param name="delta">Units that come in, or go out when negative.</param>
    /// <param name="reason">Why.</param>
    /// <param name="reference">A document it belongs to.</param>
    /// <param name="seen">The version seen, if any.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> AdjustAsync(
        ProductKey product, int delta, string reason, string? reference = null, Seen seen = default, string? key = null, CancellationToken cancellation = default) =>
        SendAsync("POST", $"products/{product.Path}/adjustments", new { delta, reason, reference }, seen, key, cancellation);

    /// <summary>Sets the stock to what was counted. Needs the version seen.</summary>
    /// <param name="product">The product.</param>
    /// <param name="counted">Units found.</param>
    /// <param name="seen">The version seen.</param>
    /// <param name="onConflict">What to do when stock has moved since: reject, keepCounted or keepDifference.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> CountAsync(
        ProductKey product, int counted, Seen seen, string onConflict = "reject", string? key = null, CancellationToken cancellation = default) =>
        SendAsync("PUT", $"products/{product.Path}/quantity", new { counted, onConflict }, seen, key, cancellation);

    /// <summary>Promises units to somebody for a while.</summary>
    /// <param name="product">The product.</param>
    /// <param name="quantity">Units promised.</param>
    /// <param name="expiresIn">For how long: 1 second to 30 days, in whole seconds.</param>
    /// <param name="reference">A document it belongs to.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> ReserveAsync(
        ProductKey product, int quantity, TimeSpan expiresIn, string? reference = null, string? key = null, CancellationToken cancellation = default) =>
        SendAsync(
            "POST", $"products/{product.Path}/reservations", new { quantity, expiresInSeconds = (int)Math.Ceiling(expiresIn.TotalSeconds), reference }, Seen.Nothing, key, cancellation);

    /// <summary>Takes promised units out of the warehouse.</summary>
    /// <param name="product">The product.</param>
    /// <param name="reservation">The reservation.</param>
    /// <param name="quantity">Units that leave; the rest can be sold again. All of them when it is left out.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> CommitAsync(
        ProductKey product, Guid reservation, int? quantity = null, string? key = null, CancellationToken cancellation = default) =>
        SendAsync("POST", $"products/{product.Path}/reservations/{reservation}/commit", new { quantity }, Seen.Nothing, key, cancellation);

    /// <summary>Gives promised units back.</summary>
    /// <param name="product">The product.</param>
    /// <param name="reservation">The reservation.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> ReleaseAsync(ProductKey product, Guid reservation, string? key = null, CancellationToken cancellation = default) =>
        SendAsync("POST", $"products/{product.Path}/reservations/{reservation}/release", new { }, Seen.Nothing, key, cancellation);

    /// <summary>Says below what the stock is low.</summary>
    /// <param name="product">The product.</param>
    /// <param name="reorderPoint">Available units at or below which it is; null for never.</param>
    /// <param name="seen">The version seen, if any.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> SetReorderPointAsync(
        ProductKey product, int? reorderPoint, Seen seen = default, string? key = null, CancellationToken cancellation = default) =>
        SendAsync("PUT", $"products/{product.Path}/reorder-point", new { reorderPoint }, seen, key, cancellation);

    /// <summary>Takes a product out of the range. Needs the version seen.</summary>
    /// <param name="product">The product.</param>
    /// <param name="seen">The version seen.</param>
    /// <param name="reason">Why.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> DiscontinueAsync(
        ProductKey product, Seen seen, string? reason = null, string? key = null, CancellationToken cancellation = default) =>
        SendAsync("POST", $"products/{product.Path}/discontinue", new { reason }, seen, key, cancellation);

    /// <summary>Brings a discontinued product back. Needs the version seen.</summary>
    /// <param name="product">The product.</param>
    /// <param name="seen">The version seen.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<CommandOutcome> ReinstateAsync(ProductKey product, Seen seen, string? key = null, CancellationToken cancellation = default) =>
        SendAsync("POST", $"products/{product.Path}/reinstate", new { }, seen, key, cancellation);

    /// <summary>Adds or takes units of several products, all or nothing.</summary>
    /// <param name="lines">What comes in or goes out, 1 to 1,000 lines over at most 100 products.</param>
    /// <param name="reason">Why.</param>
    /// <param name="reference">A document it belongs to.</param>
    /// <param name="key">Its Idempotency-Key; one is made when it is left out.</param>
    /// <param name="cancellation">Ends the waiting. What may have taken effect by then is unknown.</param>
    public Task<OrderOutcome> OrderAsync(
        IReadOnlyList<OrderLine> lines, string reason, string? reference = null, string? key = null, CancellationToken cancellation = default) =>
        SendAsync(new SentOrder(JsonSerializer.Serialize(new { lines, reason, reference }, Json), key ?? NewKey()), isInDoubt: false, cancellation);

    /// <summary>
    /// Finds out how a command ended that is <see cref="CommandOutcome.Unknown"/>: the same request is sent again under the same key. If it had taken effect, its
    /// first answer comes back; if not, it takes effect now or ends otherwise. Any other outcome is returned as it is.
    /// </summary>
    /// <param name="outcome">How it has ended so far.</param>
    /// <param name="cancellation">Ends the waiting; it stays unknown.</param>
    public Task<CommandOutcome> SettleAsync(CommandOutcome outcome, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome is CommandOutcome.Unknown ? SettleAsync(outcome.Command, cancellation) : Task.FromResult(outcome);
    }

    /// <summary>
    /// The same for a command that was kept. The service keeps keys for 7 days by default; after that the same request is a new command, so settle before.
    /// </summary>
    /// <param name="command">What was sent.</param>
    /// <param name="cancellation">Ends the waiting; it stays unknown.</param>
    public Task<CommandOutcome> SettleAsync(SentCommand command, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return SendAsync(command, isInDoubt: true, cancellation);
    }

    /// <summary>Finds out how an order ended that is <see cref="OrderOutcome.Unknown"/>. Any other outcome is returned as it is.</summary>
    /// <param name="outcome">How it has ended so far.</param>
    /// <param name="cancellation">Ends the waiting; it stays unknown.</param>
    public Task<OrderOutcome> SettleAsync(OrderOutcome outcome, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome is OrderOutcome.Unknown ? SettleAsync(outcome.Order, cancellation) : Task.FromResult(outcome);
    }

    /// <summary>The same for an order that was kept, see <see cref="SettleAsync(SentCommand, CancellationToken)"/>.</summary>
    /// <param name="order">What was sent.</param>
    /// <param name="cancellation">Ends the waiting; it stays unknown.</param>
    public Task<OrderOutcome> SettleAsync(SentOrder order, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        return SendAsync(order, isInDoubt: true, cancellation);
    }

    /// <summary>A product as it is now, exactly; null when there is none.</summary>
    /// <exception cref="HttpRequestException">The service cannot be reached, does not answer in time, or answers with an error.</exception>
    public async Task<ProductState?> FindAsync(ProductKey product, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"products/{product.Path}", UriKind.Relative));
        using var answer = await GetAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<ProductState>(Json, cancellation);
    }

    /// <summary>A page of the catalogue, which may be a moment old.</summary>
    /// <param name="search">Words to be found in SKU or name.</param>
    /// <param name="cursor"><see cref="CatalogPage.Next"/> of the page before.</param>
    /// <param name="after">Answers of commands that have to be in it: it is waited for them.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="HttpRequestException">The service cannot be reached, does not answer in time, or answers with an error.</exception>
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

        using var answer = await GetAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<CatalogPage>(Json, cancellation))!;
    }

    /// <summary>Follows a product's changes until it is cancelled: every version after the one given, once and in order. A connection that breaks or falls silent is made again.</summary>
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
                var events = SseParser.Create(new HeardStream(await answer.Content.ReadAsStreamAsync(cancellation), _options)).EnumerateAsync(cancellation).GetAsyncEnumerator(cancellation);
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

    private string NewKey() => Guid.CreateVersion7(_options.Clock.GetUtcNow()).ToString();

    private Task<CommandOutcome> SendAsync(string method, string path, object body, Seen seen, string? key, CancellationToken cancellation) =>
        SendAsync(
            new SentCommand(method, path, JsonSerializer.Serialize(body, Json), key ?? NewKey(), seen.SeenVersion, seen.IfMatch),
            isInDoubt: false, cancellation);

    private async Task<CommandOutcome> SendAsync(SentCommand command, bool isInDoubt, CancellationToken cancellation)
    {
        var ending = await _repetition.SendAsync(() => Request(command), isInDoubt, cancellation);
        return ending.Fate switch
        {
            Fate.Accepted => new CommandOutcome.Accepted(ending.Read<AcceptedAnswer>(), ending.IsReplayed) { Command = command },
            Fate.Refused when ending.IsConflict => new CommandOutcome.Conflicted(ending.Read<ConflictAnswer>()) { Command = command },
            Fate.Refused => new CommandOutcome.Refused(ending.Problem!) { Command = command },
            Fate.Unavailable => new CommandOutcome.Unavailable(ending.Problem) { Command = command },
            _ => new CommandOutcome.Unknown { Command = command },
        };
    }

    private async Task<OrderOutcome> SendAsync(SentOrder order, bool isInDoubt, CancellationToken cancellation)
    {
        var ending = await _repetition.SendAsync(() => Request(new SentCommand("POST", "adjustments", order.Body, order.Key)), isInDoubt, cancellation);
        return ending.Fate switch
        {
            Fate.Accepted => new OrderOutcome.Accepted(ending.Read<OrderResultBody>().Products, ending.IsReplayed) { Order = order },
            Fate.Refused => new OrderOutcome.Refused(ending.Problem!) { Order = order },
            Fate.Unavailable => new OrderOutcome.Unavailable(ending.Problem) { Order = order },
            _ => new OrderOutcome.Unknown { Order = order },
        };
    }

    private static HttpRequestMessage Request(SentCommand command)
    {
        var request = new HttpRequestMessage(new HttpMethod(command.Method), new Uri(command.Path, UriKind.Relative))
        {
            Content = new StringContent(command.Body, new MediaTypeHeaderValue("application/json", "utf-8")),
        };
        request.Headers.Add("Idempotency-Key", command.Key);
        if (command.SeenVersion is not null)
        {
            request.Headers.TryAddWithoutValidation("Seen-Version", command.SeenVersion);
        }

        if (command.IfMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", command.IfMatch);
        }

        return request;
    }

    /// <summary>Sends a request that changes nothing, and waits for its answer no longer than for any other.</summary>
    private async Task<HttpResponseMessage> GetAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await http.SendAsync(request, completion, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException("The service did not answer in time.", new TimeoutException(e.Message, e));
        }
    }

    private async Task<HttpResponseMessage?> OpenAsync(ProductKey product, string? last, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"products/{product.Path}/changes", UriKind.Relative));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        try
        {
            var answer = await GetAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
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
