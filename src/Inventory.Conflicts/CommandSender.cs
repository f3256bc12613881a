using Microsoft.Extensions.Options;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>The one way a command enters, whatever its policy and whoever sends it.</summary>
public sealed class CommandSender(IMessageBus bus, StreamGate gate, IOptions<ConflictOptions> options)
{
    /// <summary>Sends a command to a stream and waits for how it ended.</summary>
    /// <typeparam name="TAggregate">The aggregate the command addresses.</typeparam>
    /// <param name="streamId">The stream the command addresses; commands of one stream go one after the other.</param>
    /// <param name="command">The command; its type declares an <see cref="OnConflictAttribute"/>.</param>
    /// <param name="context">Who sends it and what they had seen.</param>
    /// <remarks>
    /// There is no cancellation: a command that was begun is finished, also when its caller hangs up, because a
    /// commit that is cut off half-way has an unknown outcome. Deadlines bound the time.
    /// </remarks>
    public async Task<Outcome<TAggregate>> SendAsync<TAggregate>(Guid streamId, object command, CommandContext context)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(context);

        var policy = ConflictPolicies.Of(command.GetType());
        if (policy is { Resolve: Resolve.Reject, StartsStream: false } && context.Precondition is Precondition.Nothing)
        {
            return new Outcome<TAggregate>.PreconditionRequired();
        }

        using var turn = await gate.EnterAsync(streamId);
        if (turn is null)
        {
            return new Outcome<TAggregate>.Overloaded();
        }

        try
        {
            return await bus.InvokeAsync<Outcome<TAggregate>>(
                command, context.ToDeliveryOptions(options.Value.RetryDeadline), CancellationToken.None);
        }
        catch (Exception lostRace) when (LostRace.Is(lostRace))
        {
            return new Outcome<TAggregate>.RetriesExhausted();
        }
    }
}
