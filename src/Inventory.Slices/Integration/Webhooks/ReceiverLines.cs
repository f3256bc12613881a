using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Wolverine.Configuration;
using Wolverine.Runtime;
using Wolverine.Transports.Local;

namespace Inventory.Slices.Integration;

/// <summary>
/// The lines in which deliveries wait on this node, one for each receiver, so that a receiver that hangs holds up its own only.
/// </summary>
/// <param name="options">How long a receiver that keeps failing is left alone.</param>
/// <param name="clock">The time.</param>
public sealed class ReceiverLines(IOptions<WebhookOptions> options, TimeProvider clock)
{
    private const string Prefix = "webhooks-";

    private readonly ConcurrentDictionary<string, ReceiverLine> _lines = [];

    /// <summary>
    /// The name of the queue for deliveries to a receiver. Never changed: deliveries wait under it. A receiver's name may have any characters
    /// and a queue's name may not, so a hash tells two apart that look alike in it.
    /// </summary>
    public static string QueueOf(string receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        var readable = string.Concat(receiver.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '-'));
        return $"{Prefix}{readable.Trim('-')}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(receiver)))[..8]}";
    }

    internal ReceiverLine OfReceiver(string name) => _lines.GetOrAdd(name, _ => new ReceiverLine(options.Value, clock));

    /// <summary>
    /// Keeps the deliveries of receivers in the database that are not configured any more. Their queues are made when a delivery for them
    /// is found, and would else forget that they have ended it.
    /// </summary>
    internal sealed class KeepForgotten : IEndpointPolicy
    {
        /// <inheritdoc/>
        public void Apply(Wolverine.Configuration.Endpoint endpoint, IWolverineRuntime runtime)
        {
            if (endpoint is LocalQueue && endpoint.EndpointName.StartsWith(Prefix, StringComparison.Ordinal))
            {
                endpoint.Mode = EndpointMode.Durable;
            }
        }
    }
}

/// <summary>
/// The line of one receiver. When all of the last deliveries failed the receiver is left alone for a while, and deliveries that come up are put off
/// without being tried: so the line does not grow in this node's memory, and a receiver that is down is not made busy. After the pause one
/// delivery is tried; when it fails, the next pause is twice as long.
/// </summary>
internal sealed class ReceiverLine
{
    /// <summary>How many deliveries have to fail in a row before the receiver is left alone.</summary>
    public const int FailuresMin = 8;

    /// <summary>
    /// How far apart deliveries are put off. Due ones are fetched by a thousand a second, together with everything else that is scheduled; those of
    /// one receiver must not take all of that.
    /// </summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline _attempts;
    private readonly Lock _lock = new();
    private DateTimeOffset _putOffTo;

    public ReceiverLine(WebhookOptions options, TimeProvider clock)
    {
        _clock = clock;
        _attempts = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<WebhookFailedException>(),
                FailureRatio = 1,
                MinimumThroughput = FailuresMin,
                // Longer than a wave of attempts that all hang can take.
                SamplingDuration = 2 * WebhookOptions.TimeoutMax,
                BreakDurationGenerator = opened => ValueTask.FromResult(PauseAfter(options, opened.HalfOpenAttempts)),
            })
            .Build();
    }

    /// <summary>Makes an attempt, unless the receiver is left alone: then it says when to come again.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancellation">Stops the attempt.</param>
    /// <returns>Null when the attempt was made and succeeded; otherwise the time before which the delivery is not to come again.</returns>
    /// <exception cref="WebhookFailedException">The attempt failed.</exception>
    public async Task<DateTimeOffset?> TryAsync(Func<CancellationToken, ValueTask> attempt, CancellationToken cancellation)
    {
        try
        {
            await _attempts.ExecuteAsync(attempt, cancellation);
            return null;
        }
        catch (BrokenCircuitException e)
        {
            var earliest = _clock.GetUtcNow() + (e.RetryAfter ?? TimeSpan.Zero);
            lock (_lock)
            {
                return _putOffTo = _putOffTo + Apart > earliest ? _putOffTo + Apart : earliest;
            }
        }
    }

    private static TimeSpan PauseAfter(WebhookOptions options, int failedProbes)
    {
        var pause = options.PauseMin * Math.Pow(2, Math.Min(failedProbes, 20));
        return pause < options.PauseMax ? pause : options.PauseMax;
    }
}
