using System.Collections.Concurrent;
using System.Reflection;
using JasperFx;
using JasperFx.CodeGeneration;
using JasperFx.Core.Reflection;
using JasperFx.Events;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Wolverine;
using Wolverine.Configuration;
using Wolverine.ErrorHandling;
using Wolverine.Runtime;
using Wolverine.Runtime.Handlers;

namespace Inventory.Conflicts;

/// <summary>
/// Turns the declared policy of each command into the failure rules of its Wolverine handler chain, and refuses to
/// start with a command that writes to a stream and declares none, two, or one that makes no sense.
/// </summary>
/// <remarks>
/// There is no global rule for concurrency exceptions. All three policies run a lost race again from the load: what
/// differs is which of the events then found unseen clash, and that is decided in <see cref="Deciding{TAggregate}"/>.
/// </remarks>
public sealed partial class ConflictPolicies : IHandlerPolicy
{
    private static readonly ConcurrentDictionary<Type, OnConflictAttribute> Declared = new();

    /// <inheritdoc/>
    public void Apply(IReadOnlyList<HandlerChain> chains, GenerationRules rules, IServiceContainer container)
    {
        foreach (var chain in chains.Where(Writes))
        {
            if (Fault(chain.MessageType) is { } fault)
            {
                throw new InvalidOperationException(fault);
            }

            chain.OnException(LostRace.Is).CustomActionIndefinitely(
                PauseUntilNextAttemptAsync, $"Lost a race ({Of(chain.MessageType).Resolve}): decide again on the newer state",
                InvokeResult.TryAgain);
        }
    }

    /// <summary>The one policy a command declares.</summary>
    /// <exception cref="InvalidOperationException">The command declares none or several.</exception>
    public static OnConflictAttribute Of(Type commandType) => Declared.GetOrAdd(commandType, static type =>
        Fault(type) is { } fault
            ? throw new InvalidOperationException(fault)
            : type.GetCustomAttributes<OnConflictAttribute>().Single());

    /// <summary>What is wrong with a command's declaration, in words that say what to write where; null when it is fine.</summary>
    public static string? Fault(Type commandType)
    {
        var declared = commandType.GetCustomAttributes<OnConflictAttribute>().ToArray();
        return declared switch
        {
            [] => $"{commandType.Name} writes to a stream but does not say what happens when it meets a write conflict. "
                  + $"Put [OnConflict(Resolve.Retry)], [OnConflict(Resolve.Merge, ClashesWith = [typeof(…)])] or "
                  + $"[OnConflict(Resolve.Reject)] on {commandType.FullName}.",
            [{ StartsStream: true } policy] => policy.Resolve == Resolve.Reject
                ? null
                : $"{commandType.FullName} starts a stream, so it meets a conflict only when the stream is there already: "
                  + "declare [OnConflict(Resolve.Reject, StartsStream = true)].",
            [var policy] => ClashMatrix.Fault(commandType, policy),
            _ => $"{commandType.FullName} declares {declared.Length} conflict policies "
                 + $"({string.Join(", ", declared.Select(d => d.Resolve))}). Keep the one that is meant.",
        };
    }

    /// <summary>A chain writes to a stream when its handler takes one, or decides through <see cref="Deciding{TAggregate}"/>.</summary>
    private static bool Writes(HandlerChain chain) =>
        chain.MessageType.HasAttribute<OnConflictAttribute>()
        || chain.Handlers.SelectMany(call => call.Method.GetParameters()).Any(parameter =>
            parameter.ParameterType.Closes(typeof(Deciding<>)) || parameter.ParameterType.Closes(typeof(DecidingMany<>)) || parameter.ParameterType.Closes(typeof(IEventStream<>)));

    private static async ValueTask PauseUntilNextAttemptAsync(
        IWolverineRuntime runtime, IEnvelopeLifecycle lifecycle, Exception lostRace)
    {
        var options = Service<IOptions<ConflictOptions>>(runtime).Value;
        var clock = Service<TimeProvider>(runtime);
        var envelope = lifecycle.Envelope!;

        var pause = Backoff.Pause(envelope.Attempts, options);
        var (command, streamId) = (envelope.Message!.GetType().Name, CommandContext.StreamId(envelope));
        var logger = runtime.LoggerFactory.CreateLogger<ConflictPolicies>();
        if (clock.GetUtcNow() + pause >= envelope.DeliverBy)
        {
            LogGivenUp(logger, command, streamId, envelope.Attempts);
            throw new RetriesExhaustedException(envelope.Attempts, lostRace);
        }

        LogRetry(logger, command, streamId, envelope.Attempts, pause);
        await Task.Delay(pause, clock);
    }

    private static T Service<T>(IWolverineRuntime runtime) where T : notnull =>
        (T)(runtime.Services.GetService(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T)} is not registered."));

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Command} on {StreamId} lost the race of attempt {Attempt}, tries again in {Pause}")]
    private static partial void LogRetry(ILogger logger, string command, string streamId, int attempt, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Command} on {StreamId} lost {Attempts} races in a row and is given up at its deadline")]
    private static partial void LogGivenUp(ILogger logger, string command, string streamId, int attempts);
}
