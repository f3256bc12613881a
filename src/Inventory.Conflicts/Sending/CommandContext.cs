using System.Globalization;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>Who sends a command, and what they had seen. It travels beside the command in the message's headers.</summary>
/// <param name="Actor">Who sends it, as history will name them.</param>
/// <param name="CommandId">The command's id; its events carry it as their causation id.</param>
/// <param name="Precondition">What the caller says it saw.</param>
public sealed record CommandContext(string Actor, Guid CommandId, Precondition Precondition)
{
    private const string ActorHeader = "actor";
    private const string CommandIdHeader = "command-id";
    private const string PreconditionHeader = "precondition";
    private const string IdempotencyKeyHeader = "idempotency-key";
    private const string RequestHashHeader = "request-hash";
    private const string TraceIdHeader = "caller-trace-id";
    private const string StreamIdHeader = "stream-id";
    private const string FirstLoadedHeader = "first-loaded-version";

    /// <summary>The actor of a command that the service sends to itself.</summary>
    public const string System = "system";

    /// <summary>The key by which the caller may send the same request again; null when it named none.</summary>
    public IdempotencyKey? Key { get; init; }

    /// <summary>
    /// Whether the same command, with the same id, may come again without a key, as a message does that is delivered twice. Its
    /// receipt is looked for first. Default: false.
    /// </summary>
    public bool MayBeRepeated { get; init; }

    /// <summary>What the caller's answer and the events' correlation id name the request by; null for a command of the service itself.</summary>
    public string? TraceId { get; init; }

    /// <summary>
    /// Whether it waits for its turn as long as it takes, instead of being turned away after <see cref="ConflictOptions.WaitMax"/>: it is one of
    /// several that have to be carried out in the order in which they were sent. Only where a fold is decided on. Default: false.
    /// </summary>
    public bool IsPatient { get; init; }

    /// <summary>Under what the command's receipt is kept. One without a key has a receipt too: it settles a commit in doubt.</summary>
    internal ReceiptId ReceiptId => Key is { } key ? new(Actor, key.Value) : new(ReceiptId.NoPrincipal, CommandId.ToString());

    internal DeliveryOptions ToDeliveryOptions(Guid streamId, TimeSpan deadline)
    {
        var options = new DeliveryOptions { DeliverWithin = deadline }
            .WithHeader(StreamIdHeader, streamId.ToString())
            .WithHeader(ActorHeader, Actor)
            .WithHeader(CommandIdHeader, CommandId.ToString())
            .WithHeader(PreconditionHeader, Precondition.ToHeader());
        if (Key is { } key)
        {
            options.WithHeader(IdempotencyKeyHeader, key.Value).WithHeader(RequestHashHeader, Convert.ToBase64String(key.RequestHash));
        }

        if (TraceId is { } traceId)
        {
            options.WithHeader(TraceIdHeader, traceId);
        }

        return options;
    }

    internal static CommandContext From(Envelope envelope) => new(
        envelope.Headers.GetValueOrDefault(ActorHeader) ?? System,
        Guid.TryParse(envelope.Headers.GetValueOrDefault(CommandIdHeader), out var id) ? id : envelope.Id,
        Precondition.FromHeader(envelope.Headers.GetValueOrDefault(PreconditionHeader)))
    {
        Key = envelope.Headers.GetValueOrDefault(IdempotencyKeyHeader) is { } key
            ? new IdempotencyKey(key, Convert.FromBase64String(envelope.Headers[RequestHashHeader]!))
            : null,
        TraceId = envelope.Headers.GetValueOrDefault(TraceIdHeader),
        // Only what was sent as a message has no header of its sender's, and messages may be delivered twice.
        MayBeRepeated = !envelope.Headers.ContainsKey(CommandIdHeader),
    };

    /// <summary>The stream that a command addresses, for the logs.</summary>
    internal static string StreamId(Envelope envelope) => envelope.Headers.GetValueOrDefault(StreamIdHeader) ?? "";

    /// <summary>
    /// The version that the first attempt loaded. A caller who named none is taken to have decided on that one, so an
    /// event that slips in between load and commit is unseen at the next attempt.
    /// </summary>
    internal static long FirstLoadedVersion(Envelope envelope, long loaded)
    {
        envelope.Headers.TryAdd(FirstLoadedHeader, loaded.ToString(CultureInfo.InvariantCulture));
        return long.Parse(envelope.Headers[FirstLoadedHeader]!, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}

/// <summary>A key by which a request can be sent again without being executed again.</summary>
/// <param name="Value">The caller's key, 1 to 255 characters. It is the caller's own: another's equal key is another key.</param>
/// <param name="RequestHash">A hash of what was asked for, by which another request under the same key is recognised.</param>
public sealed record IdempotencyKey(string Value, byte[] RequestHash);
