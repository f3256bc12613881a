using System.Net;
using System.Text.Json;

namespace Inventory.Client;

/// <summary>
/// Sends one command until it has an answer that ends the matter: the same request under the same key, so that it takes effect once however often it
/// arrives.
/// </summary>
/// <param name="http">Sends requests.</param>
/// <param name="options">How patiently.</param>
internal sealed class Repetition(HttpClient http, InventoryClientOptions options)
{
    private const string InFlight = "/problems/request-in-flight";
    private const string OutcomeUnknown = "/problems/outcome-unknown";

    /// <summary>How the last attempt ended.</summary>
    /// <param name="Answer">The answer; null when the service could not be reached or its answer was lost.</param>
    /// <param name="Problem">The problem it says.</param>
    /// <param name="IsInDoubt">Some attempt may have taken effect, and none has an answer that tells.</param>
    internal sealed record Ending(HttpResponseMessage? Answer, ProblemAnswer? Problem, bool IsInDoubt) : IDisposable
    {
        public void Dispose() => Answer?.Dispose();
    }

    /// <summary>Sends it.</summary>
    /// <param name="make">Makes the request; a request can be sent once only.</param>
    /// <param name="cancellation">Ends the waiting. What was sent may have taken effect.</param>
    public async Task<Ending> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        var begun = options.Clock.GetTimestamp();
        var inDoubt = false;
        for (var pause = options.FirstPause; ; pause = Min(pause * 2, options.LongestPause))
        {
            var (answer, problem, isLost) = await TryAsync(make, cancellation);
            inDoubt |= isLost || problem?.Type == OutcomeUnknown;
            if (answer is not null && !IsTemporary(answer.StatusCode, problem))
            {
                return new Ending(answer, problem, IsInDoubt: false);
            }

#pragma warning disable RS0030 // Chance keeps callers from coming back all at once, and decides nothing else.
            var wait = answer?.Headers.RetryAfter?.Delta ?? pause * (0.5 + Random.Shared.NextDouble());
#pragma warning restore RS0030
            if (options.Clock.GetElapsedTime(begun) + wait > options.Deadline)
            {
                return new Ending(answer, problem, inDoubt);
            }

            answer?.Dispose();
            await Task.Delay(wait, options.Clock, cancellation);
        }
    }

    /// <summary>Sends it once. It is lost when it may have arrived and no answer says so.</summary>
    private async Task<(HttpResponseMessage? Answer, ProblemAnswer? Problem, bool IsLost)> TryAsync(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        HttpResponseMessage? answer = null;
        try
        {
            using var request = make();
            answer = await http.SendAsync(request, cancellation);
            var problem = answer.IsSuccessStatusCode ? null : await ProblemAsync(answer, cancellation);
            return (answer, problem, answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            answer?.Dispose();
            return (null, null, e is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError });
        }
    }

    /// <summary>The problem that an answer says; made of its status when something else on the way answered.</summary>
    internal static async Task<ProblemAnswer> ProblemAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
                && await ReadAsync<ProblemAnswer>(answer, cancellation) is { } problem)
            {
                return problem;
            }
        }
        catch (JsonException)
        {
            // Not ours.
        }

        return new ProblemAnswer("about:blank", answer.ReasonPhrase ?? "", (int)answer.StatusCode, "The answer did not come from the service.");
    }

    /// <summary>Reads an answer's body, which can be read again.</summary>
    internal static async Task<T?> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellation) =>
        JsonSerializer.Deserialize<T>(await answer.Content.ReadAsByteArrayAsync(cancellation), InventoryClient.Json);

    private static bool IsTemporary(HttpStatusCode status, ProblemAnswer? problem) =>
        status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
        || problem?.Type == InFlight;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
