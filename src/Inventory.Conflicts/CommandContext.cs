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
    private const string FirstLoadedHeader = "first-loaded-version";

    /// <summary>The actor of a command that the service sends to itself.</summary>
    public const string System = "system";

    internal DeliveryOptions ToDeliveryOptions(TimeSpan deadline) => new DeliveryOptions { DeliverWithin = deadline }
        .WithHeader(ActorHeader, Actor)
        .WithHeader(CommandIdHeader, CommandId.ToString())
        .WithHeader(PreconditionHeader, Precondition.ToHeader());

    internal static CommandContext From(Envelope envelope) => new(
        envelope.Headers.GetValueOrDefault(ActorHeader) ?? System,
        Guid.TryParse(envelope.Headers.GetValueOrDefault(CommandIdHeader), out var id) ? id : envelope.Id,
        Precondition.FromHeader(envelope.Headers.GetValueOrDefault(PreconditionHeader)));

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
