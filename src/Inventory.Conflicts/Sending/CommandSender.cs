using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>The one way a command enters, whatever its policy and whoever sends it.</summary>
/// <typeparam name="TAggregate">The aggregate the commands address.</typeparam>
public sealed partial class CommandSender<TAggregate>(
    IMessageBus bus, Combiner<TAggregate> combiner, Receipts receipts, CommandsInFlight inFlight, Admission admission, ConflictMetrics metrics, ConflictLog conflicts,
    IOptions<ConflictOptions> options, TimeProvider clock, ILogger<CommandSender<TAggregate>> logger)
    where TAggregate : class, IAggregate<TAggregate>
{
    /// <summary>Sends a command to a stream and waits for how it ended.</summary>
    /// <param name="streamId">The stream the command addresses; commands of one stream go one after the other.</param>
    /// <param name="command">The command; its type declares an <see cref="OnConflictAttribute"/>.</param>
    /// <param name="context">Who sends it and what they had seen.</param>
    /// <remarks>
    /// There is no cancellation: a command that was begun is finished, also when its caller hangs up, because a
    /// commit that is cut off half-way has an unknown outcome. Deadlines bound the time.
    /// </remarks>
    public Task<Outcome<TAggregate>> SendAsync(Guid streamId, object command, CommandContext context)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(context);
        var policy = ConflictPolicies.Of(command.GetType());
        return WatchAsync(command, policy, streamId, () => SendAsync(streamId, command, policy, context));
    }

    /// <summary>Sends a command to several streams, all or none, and waits for how it ended.</summary>
    /// <param name="command">The command; its type declares <see cref="Resolve.Retry"/>.</param>
    /// <param name="context">Who sends it. What they had seen does not matter.</param>
    /// <remarks>It does not stand in the streams' lines: the locks on their rows are one line for all nodes.</remarks>
    public Task<Outcome<IReadOnlyList<TAggregate>>> SendToManyAsync(ICommandOnMany<TAggregate> command, CommandContext context)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(context);
        var policy = ConflictPolicies.Of(command.GetType());
        return WatchAsync(command, policy, null, () => SendToManyAsync(command, policy, context));
    }

    /// <summary>Traces and measures a command from its arrival to its end.</summary>
    private async Task<Outcome<TState>> WatchAsync<TState>(object command, OnConflictAttribute policy, Guid? streamId, Func<Task<Outcome<TState>>> send)
    {
        var (name, end, began) = (command.GetType().Name, "Failed", clock.GetTimestamp());
        using var span = ConflictTraces.Command(name, policy.Resolve, streamId);
        try
        {
            var outcome = await send();
            end = ConflictTraces.NameOf(outcome);
            span.Ended(outcome);
            return outcome;
        }
        catch (Exception e)
        {
            span.Failed(e);
            throw;
        }
        finally
        {
            metrics.Ended(name, end, clock.GetElapsedTime(began));
        }
    }

    private async Task<Outcome<TAggregate>> SendAsync(Guid streamId, object command, OnConflictAttribute policy, CommandContext context)
    {
        if (policy is { Resolve: Resolve.Reject, StartsStream: false } && context.Precondition is Precondition.Nothing)
        {
            return await WithoutVersionAsync(context);
        }

        var certainty = new Certainty();
        if (!inFlight.TryBegin(context.ReceiptId, certainty))
        {
            return new Outcome<TAggregate>.InFlight();
        }

        try
        {
            var outcome = policy.IsFolded
                ? await combiner.FoldAsync(streamId, (ICommand<TAggregate>)command, context, certainty)
                : await HandleAsync(streamId, command, context, certainty);
            Note(streamId, command.GetType().Name, policy.Resolve, context, outcome);
            return outcome;
        }
        finally
        {
            inFlight.End(context.ReceiptId);
        }
    }

    /// <summary>Who sends an executed request again is answered as then, also without the version it saw then.</summary>
    private async Task<Outcome<TAggregate>> WithoutVersionAsync(CommandContext context)
    {
        if (context.Key is null)
        {
            return new Outcome<TAggregate>.PreconditionRequired();
        }

        return await DatabaseWait.WithinAsync(options.Value.RetryDeadline, clock, FindAsync, CancellationToken.None);

        async Task<Outcome<TAggregate>> FindAsync(CancellationToken cancellation)
        {
            using var slot = await admission.EnterAsync(Work.CommandAlone, cancellation);
            return slot is null ? new Outcome<TAggregate>.Overloaded()
                : (await receipts.FindAsync([context.ReceiptId], cancellation)).TryGetValue(context.ReceiptId, out var receipt)
                    ? receipt.OutcomeFor<TAggregate>(context)
                : new Outcome<TAggregate>.PreconditionRequired();
        }
    }

    private async Task<Outcome<IReadOnlyList<TAggregate>>> SendToManyAsync(ICommandOnMany<TAggregate> command, OnConflictAttribute policy, CommandContext context)
    {
        var certainty = new Certainty();
        if (!inFlight.TryBegin(context.ReceiptId, certainty))
        {
            return new Outcome<IReadOnlyList<TAggregate>>.InFlight();
        }

        try
        {
            var streamId = command.StreamIds.Min();
            var outcome = await InvokeAsync<IReadOnlyList<TAggregate>>(Work.Order, streamId, command, context, certainty);
            Count(streamId, command.GetType().Name, policy.Resolve, context, outcome);
            return outcome;
        }
        finally
        {
            inFlight.End(context.ReceiptId);
        }
    }

    /// <summary>Has the command handled by Wolverine's aggregate handler workflow, in its stream's line.</summary>
    private async Task<Outcome<TAggregate>> HandleAsync(Guid streamId, object command, CommandContext context, Certainty certainty)
    {
        using var turn = await combiner.EnterAsync(streamId);
        return turn is null
            ? certainty.End(new Outcome<TAggregate>.Overloaded())
            : await InvokeAsync<TAggregate>(Work.CommandAlone, streamId, command, context, certainty);
    }

    /// <summary>
    /// Has the command handled until it has ended, or until its deadline. A handler that goes on behind the deadline finds its command
    /// closed, and commits nothing.
    /// </summary>
    private async Task<Outcome<TState>> InvokeAsync<TState>(Work work, Guid streamId, object command, CommandContext context, Certainty certainty)
    {
        // Orders stand in no stream's line, so this is the only one in which they wait.
        var slot = work == Work.Order
            ? await admission.EnterAsync(work, options.Value.WaitMax, CancellationToken.None)
            : await admission.EnterAsync(work, CancellationToken.None);
        var began = clock.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            if (slot is null)
            {
                return certainty.End(new Outcome<TState>.Overloaded { Attempts = attempt });
            }

            var left = options.Value.RetryDeadline - clock.GetElapsedTime(began);
            try
            {
                if (left <= TimeSpan.Zero)
                {
                    slot.Dispose();
                    throw new DeadlinePassed();
                }

                return certainty.End(await DatabaseWait.WithinAsync(
                    left, clock, cancellation => HandleAsync(slot, context.ToDeliveryOptions(streamId, left), cancellation), CancellationToken.None));
            }
#pragma warning disable CA1031 // Whatever it is, it may have come after a commit was sent.
            catch (Exception e)
#pragma warning restore CA1031
            {
                certainty.Failed();
                var pause = Backoff.Pause(attempt, options.Value);
                var mayYetEnd = LostConnection.Is(e) || certainty.IsInDoubt;
                if (!mayYetEnd || clock.GetElapsedTime(began) + pause >= options.Value.RetryDeadline)
                {
                    if (certainty.GiveUp<TState>(e, (e as RetriesExhaustedException)?.Attempts ?? attempt) is { } outcome)
                    {
                        return outcome;
                    }

                    throw;
                }

                // The next attempt looks for the receipt. When it finds none, its own fences the lost one off: only one can be written.
                await Task.Delay(pause, clock);
                slot = await admission.EnterAsync(work, options.Value.RetryDeadline - clock.GetElapsedTime(began), CancellationToken.None);
            }
        }

        async Task<Outcome<TState>> HandleAsync(AdmissionLease held, DeliveryOptions delivery, CancellationToken cancellation)
        {
            using (held)
            {
                using var quiet = QuietLostRaces.Expect();
                return await bus.InvokeAsync<Outcome<TState>>(command, delivery, cancellation);
            }
        }
    }

    private void Note(Guid streamId, string command, Resolve policy, CommandContext context, Outcome<TAggregate> outcome)
    {
        Count(streamId, command, policy, context, outcome);
        if (outcome is Outcome<TAggregate>.Conflicted { Conflict: var told } && logger.IsEnabled(LogLevel.Information))
        {
            var clashing = string.Join(", ", told.Unseen.Listed.Where(change => change.Clashes).Select(change => $"{change.Event} at {change.Version}"));
            LogRejected(
                logger, command, streamId, context.Actor, told.SeenVersion, told.Current.Version, clashing.Length > 0 ? clashing : ConflictMetrics.NoEvent);
        }
    }

    /// <summary>Counts how the command ended, and records the conflict that it had, if it had one.</summary>
    private void Count<TState>(Guid streamId, string command, Resolve policy, CommandContext context, Outcome<TState> outcome)
    {
        if (outcome is not Outcome<TState>.Overloaded)
        {
            metrics.Attempts(command, outcome.Attempts);
        }

        if (ConflictRecord.Of(streamId, command, policy, context, outcome, clock.GetUtcNow()) is not { } conflict)
        {
            return;
        }

        conflicts.Add(conflict);
        if (!conflict.Escaped)
        {
            metrics.Absorbed(command, policy, conflict.ClashingEvent ?? ConflictMetrics.NoEvent);
            return;
        }

        metrics.Escaped(command, policy, conflict.ClashingEvent ?? ConflictMetrics.NoEvent);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Command} on {StreamId} by {Actor} was rejected: it saw version {SeenVersion}, now is {CurrentVersion}; clashing: {Clashing}")]
    private static partial void LogRejected(ILogger logger, string command, Guid streamId, string actor, long? seenVersion, long currentVersion, string clashing);
}

/// <summary>The commands that this node is executing, by the receipts they will leave.</summary>
public sealed class CommandsInFlight
{
    private readonly ConcurrentDictionary<ReceiptId, Certainty> _commands = new();

    /// <summary>How many there are.</summary>
    internal int Count => _commands.Count;

    /// <summary>False when the same command is being executed already.</summary>
    internal bool TryBegin(ReceiptId id, Certainty certainty) => _commands.TryAdd(id, certainty);

    internal void End(ReceiptId id) => _commands.TryRemove(id, out _);

    /// <summary>What is known of a command that is being handled; of one that was sent straight to the bus, nothing yet.</summary>
    internal Certainty CertaintyOf(ReceiptId id) => _commands.GetValueOrDefault(id) ?? new Certainty();
}
