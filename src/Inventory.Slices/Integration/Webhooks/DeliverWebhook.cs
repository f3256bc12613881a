using System.Globalization;
using System.Net;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Microsoft.Extensions.Options;
using Wolverine;
using Wolverine.Attributes;
using Wolverine.ErrorHandling;
using Wolverine.Runtime.Handlers;

namespace Inventory.Slices.Integration;

/// <summary>One fact for one receiver, so that a receiver that fails repeats nothing to the others.</summary>
/// <param name="Endpoint">The receiver's name.</param>
/// <param name="Fact">The fact.</param>
/// <param name="Tried">How many attempts were made before it was put off, because the receiver is left alone for a while.</param>
[MessageIdentity(MessageType)]
public sealed record DeliverWebhook(string Endpoint, ProductFact Fact, int Tried = 0)
{
    /// <summary>What it is called where messages are kept. Never renamed.</summary>
    public const string MessageType = "deliver-webhook";

    /// <summary>The same, in the receiver's own line.</summary>
    internal RoutedToEndpointMessage<DeliverWebhook> InLine(DateTimeOffset? notBefore = null) =>
        this.ToEndpoint(ReceiverLines.QueueOf(Endpoint), new DeliveryOptions { ScheduledTime = notBefore });
}

/// <summary>Finds out who wants a fact.</summary>
public static class ProductFactHandler
{
    /// <summary>A database that is away is no reason to forget a fact.</summary>
    public static void Configure(HandlerChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        chain.OnAnyException().ScheduleRetryIndefinitely(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30));
    }

    /// <summary>In the transaction that takes the fact from its queue: for each receiver once.</summary>
    [Transactional]
    public static IEnumerable<RoutedToEndpointMessage<DeliverWebhook>> Handle(
        ProductFact fact, Marten.IDocumentSession session, IOptions<WebhookOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(session);
        return [.. options.Value.Endpoints.Where(endpoint => endpoint.Wants(fact))
            .Select(endpoint => new DeliverWebhook(endpoint.Name, fact).InLine())];
    }
}

/// <summary>Sends a fact, signed as Standard Webhooks has it (standardwebhooks.com, “Webhook signature scheme”).</summary>
public static class DeliverWebhookHandler
{
    /// <summary>The name of the HTTP client.</summary>
    public const string Client = "webhooks";

    /// <summary>A receiver has its own time limit, and what ends a delivery before that must not take it for one that can never succeed.</summary>
    public static void Configure(HandlerChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        chain.ExecutionTimeoutInSeconds = 2 * (int)WebhookOptions.TimeoutMax.TotalSeconds;
    }

    /// <summary>Makes one attempt, or puts the delivery off when its receiver is left alone for a while: what is returned then takes its place.</summary>
    public static async Task<RoutedToEndpointMessage<DeliverWebhook>?> Handle(
        DeliverWebhook delivery, Envelope envelope, IHttpClientFactory clients, IOptions<WebhookOptions> options, ReceiverLines lines,
        TimeProvider clock, ServiceMetrics metrics, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(clients);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(metrics);
        if (options.Value.Endpoints.FirstOrDefault(one => one.Name == delivery.Endpoint) is not { } endpoint)
        {
            throw new WebhookRefusedException($"No receiver “{delivery.Endpoint}” is configured any more.");
        }

        if (envelope.Attempts == 1)
        {
            // What was tried before it was put off counts, so that what was put off is not tried for longer than the rest.
            envelope.Attempts += delivery.Tried;
        }

        var notBefore = await lines.OfReceiver(endpoint.Name).TryAsync(
            async token =>
            {
                using var request = Request(endpoint, delivery.Fact, clock.GetUtcNow());
                using var client = clients.CreateClient(Client);
                client.Timeout = options.Value.Timeout;
                await SendAsync(client, request, delivery.Endpoint, metrics, token);
            },
            cancellation);
        if (notBefore is null)
        {
            return null;
        }

        if (clock.GetUtcNow() - delivery.Fact.At > options.Value.TriedFor)
        {
            throw new WebhookRefusedException(
                $"“{delivery.Endpoint}” has not been well for so long that the fact was given up. It is not asked again before {notBefore:u}.");
        }

        return (delivery with { Tried = envelope.Attempts - 1 }).InLine(notBefore);
    }

    private static async Task SendAsync(
        HttpClient client, HttpRequestMessage request, string receiver, ServiceMetrics metrics, CancellationToken cancellation)
    {
        HttpStatusCode status;
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            status = answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // Also when the service stops meanwhile: whatever it is, it is no reason to give the fact up.
            metrics.Delivered(receiver, "failed");
            throw new WebhookFailedException($"“{receiver}” could not be reached: {e.Message}", e);
        }

        metrics.Delivered(receiver, (int)status is >= 200 and <= 299 ? "delivered" : status == HttpStatusCode.Gone ? "refused" : "failed");
        if (status == HttpStatusCode.Gone)
        {
            throw new WebhookRefusedException($"“{receiver}” wants nothing any more (410).");
        }

        if ((int)status is < 200 or > 299)
        {
            throw new WebhookFailedException($"“{receiver}” answered {(int)status}.", null);
        }
    }

    private static HttpRequestMessage Request(WebhookEndpoint endpoint, ProductFact fact, DateTimeOffset now)
    {
        var body = JsonSerializer.Serialize(
            new { type = fact.Type, timestamp = fact.At, data = new { id = fact.Id, actor = fact.Actor, product = fact.Product, reservationId = fact.ReservationId } },
            HttpJson.Options);
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(endpoint.Key()!, Encoding.UTF8.GetBytes($"{fact.Id}.{seconds}.{body}"));
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = new StringContent(body, Encoding.UTF8, MediaTypeNames.Application.Json) };
        request.Headers.Add("webhook-id", fact.Id);
        request.Headers.Add("webhook-timestamp", seconds);
        request.Headers.Add("webhook-signature", $"v1,{Convert.ToBase64String(signature)}");
        return request;
    }
}

/// <summary>A receiver did not take a fact; it is tried again.</summary>
public sealed class WebhookFailedException(string message, Exception? inner) : Exception(message, inner);

/// <summary>A receiver will never take a fact; it becomes a dead letter at once.</summary>
public sealed class WebhookRefusedException(string message) : Exception(message);
