using System.Net;
using System.Text.Json;

namespace Inventory.Client;

/// <summary>What is known of a command after all attempts.</summary>
internal enum Fate
{
    /// <summary>It took effect.</summary>
    Accepted,

    /// <summary>It did not, and the service says why.</summary>
    Refused,

    /// <summary>It did not: no attempt was taken.</summary>
    Unavailable,

    /// <summary>Nobody knows.</summary>
    Unknown,
}

/// <summary>
/// Sends one command until it has an answer that ends the matter: the same request under the same key, so that it takes effect once however often it
/// arrives. Doubt stays: once an attempt may have taken effect, only an answer for which the service has looked for it takes the doubt away.
/// </summary>
/// <param name="http">Sends requests.</param>
/// <param name="options">How patiently.</param>
internal sealed class Repetition(HttpClient http, InventoryClientOptions options)
{
    private const string Conflict = "/problems/version-conflict";

    /// <summary>What a single answer says.</summary>
    private enum Word
    {
        /// <summary>It took effect.</summary>
        Done,

        /// <summary>It did not take effect, in this attempt or another.</summary>
        Refused,

        /// <summary>This attempt was turned away before anybody looked for earlier ones, and so would the next be.</summary>
        Barred,

        /// <summary>This attempt was turned away for now.</summary>
        SentAway,

        /// <summary>This attempt may have taken effect.</summary>
        Doubt,
    }

    /// <summary>How it ended.</summary>
    /// <param name="Fate">What is known.</param>
    /// <param name="Body">The body of the answer that ended it.</param>
    /// <param name="Problem">The problem that the last answer said.</param>
    /// <param name="IsReplayed">The answer was given before.</param>
    internal sealed record Ending(Fate Fate, byte[] Body, ProblemAnswer? Problem = null, bool IsReplayed = false)
    {
        public bool IsConflict => Problem?.Type == Conflict;

        public T Read<T>() => JsonSerializer.Deserialize<T>(Body, InventoryClient.Json)!;
    }

    private sealed record Attempt(Word Word, byte[] Body, ProblemAnswer? Problem = null, bool IsReplayed = false, TimeSpan? RetryAfter = null);

    /// <summary>Sends it.</summary>
    /// <param name="make">Makes the request; a request can be sent once only.</param>
    /// <param name="isInDoubt">It was sent before, and may have taken effect.</param>
    /// <param name="cancellation">Ends the waiting. What was sent may have taken effect, and is then unknown.</param>
    /// <exception cref="OperationCanceledException">It was cancelled, and no attempt may have taken effect.</exception>
    public async Task<Ending> SendAsync(Func<HttpRequestMessage> make, bool isInDoubt, CancellationToken cancellation)
    {
        var begun = options.Clock.GetTimestamp();
        var inDoubt = isInDoubt;
        for (var pause = options.FirstPause; ; pause = Min(pause * 2, options.LongestPause))
        {
            if (!inDoubt)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var attempt = await TryAsync(make, cancellation);
            inDoubt |= attempt.Word == Word.Doubt;
            switch (attempt.Word)
            {
                case Word.Done:
                    return new Ending(Fate.Accepted, attempt.Body, IsReplayed: attempt.IsReplayed);
                case Word.Refused:
                    return new Ending(Fate.Refused, attempt.Body, attempt.Problem);
                case Word.Barred:
                    return new Ending(inDoubt ? Fate.Unknown : Fate.Refused, attempt.Body, attempt.Problem);
            }

#pragma warning disable RS0030 // Chance keeps callers from coming back all at once, and decides nothing else.
            var wait = attempt.RetryAfter ?? pause * (0.5 + Random.Shared.NextDouble());
#pragma warning restore RS0030
            if (options.Clock.GetElapsedTime(begun) + wait > options.Deadline || (inDoubt && !await WaitsAsync(wait, cancellation)))
            {
                return new Ending(inDoubt ? Fate.Unknown : Fate.Unavailable, [], attempt.Problem);
            }

            if (!inDoubt)
            {
                await Task.Delay(wait, options.Clock, cancellation);
            }
        }
    }

    /// <summary>The problem that an answer says; null when it is not the service's.</summary>
    private static ProblemAnswer? ProblemOf(HttpResponseMessage answer, byte[] body)
    {
        try
        {
            return answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
                && JsonSerializer.Deserialize<ProblemAnswer>(body, InventoryClient.Json) is { } problem
                && problem.Type?.StartsWith("/problems/", StringComparison.Ordinal) == true
                    ? problem
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Word WordOf(HttpStatusCode status, string? type) => (status, type) switch
    {
        // Something in between answers for itself when it does not pass a request on, but a gateway's error may come after the service's commit.
        (_, null) => (int)status is >= 400 and < 500 && status != HttpStatusCode.RequestTimeout ? Word.Barred : Word.Doubt,
        (_, "/problems/overloaded" or "/problems/unavailable" or "/problems/conflict-retries-exhausted") => Word.SentAway,
        (HttpStatusCode.ServiceUnavailable, _) => Word.Doubt,
        (HttpStatusCode.TooManyRequests, _) => Word.SentAway,
        // Another attempt under this key is being executed.
        (_, "/problems/request-in-flight") => Word.Doubt,
        (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.RequestEntityTooLarge, _) => Word.Barred,
        _ => (int)status is >= 400 and < 500 ? Word.Refused : Word.Doubt,
    };

    private static bool IsObject(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Whether it has waited, and was not cancelled.</summary>
    private async Task<bool> WaitsAsync(TimeSpan wait, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(wait, options.Clock, cancellation);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends it once.</summary>
    private async Task<Attempt> TryAsync(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.RequestTimeout, options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = make();
            using var answer = await http.SendAsync(request, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            if (answer.IsSuccessStatusCode)
            {
                return new Attempt(IsObject(body) ? Word.Done : Word.Doubt, body, IsReplayed: answer.Headers.Contains("Idempotency-Replayed"));
            }

            var problem = ProblemOf(answer, body);
            return new Attempt(
                WordOf(answer.StatusCode, problem?.Type), body,
                problem ?? new ProblemAnswer("about:blank", answer.ReasonPhrase ?? "", (int)answer.StatusCode, "The answer did not come from the service."),
                RetryAfter: answer.Headers.RetryAfter?.Delta);
        }
        catch (HttpRequestException e) when (e.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            // There was no connection to send it over.
            return new Attempt(Word.SentAway, []);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return new Attempt(Word.Doubt, []);
        }
    }
}
