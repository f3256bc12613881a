using System.Reflection;
using Inventory.Conflicts;

namespace Inventory.Slices.Insight;

/// <summary>Which command clashes with which event, read from the declarations that the service runs by.</summary>
/// <param name="Events">Every type of event that may be unseen: the columns, in the order of an aggregate's life.</param>
/// <param name="Commands">Every command that writes to a stream, by name.</param>
public sealed record PolicyMatrix(IReadOnlyList<string> Events, IReadOnlyList<PolicyRow> Commands)
{
    /// <summary>The matrix of this service.</summary>
    public static PolicyMatrix Current { get; } = Of(typeof(Program).Assembly);

    private static PolicyMatrix Of(Assembly application)
    {
        var commands = application.GetTypes()
            .Where(type => type.IsDefined(typeof(OnConflictAttribute)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .ToList();
        var events = commands.Select(ClashMatrix.AggregateOf).OfType<Type>().Distinct().SelectMany(ClashMatrix.LaterEventTypesOf).ToList();
        return new PolicyMatrix([.. events.Select(e => e.Name)], [.. commands.Select(command => PolicyRow.Of(command, events))]);
    }
}

/// <summary>What a command declares.</summary>
/// <param name="Name">The command.</param>
/// <param name="Policy">Retry, Merge or Reject.</param>
/// <param name="StartsStream">It brings a new stream into being, so nothing can be unseen.</param>
/// <param name="NeedsVersion">Its caller has to name the version it saw, by <c>If-Match</c> or <c>Seen-Version</c>; else 428.</param>
/// <param name="ClashesWith">The events that stand against it when its caller has not seen them.</param>
/// <param name="CompatibleWith">The events that do not matter to it.</param>
/// <param name="Answer">What its caller gets, in a sentence.</param>
public sealed record PolicyRow(
    string Name, string Policy, bool StartsStream, bool NeedsVersion, IReadOnlyList<string> ClashesWith, IReadOnlyList<string> CompatibleWith,
    string Answer)
{
    internal static PolicyRow Of(Type command, IReadOnlyList<Type> events)
    {
        // The attribute's own check, so that a matrix with an open cell is never shown.
        var policy = ConflictPolicies.Of(command);
        return new PolicyRow(
            command.Name, policy.Resolve.ToString(), policy.StartsStream,
            NeedsVersion: policy is { Resolve: Resolve.Reject, StartsStream: false },
            [.. events.Where(policy.ClashesWith.Contains).Select(e => e.Name)],
            [.. events.Where(policy.CompatibleWith.Contains).Select(e => e.Name)],
            AnswerOf(policy));
    }

    private static string AnswerOf(OnConflictAttribute policy) => policy switch
    {
        { StartsStream: true } => "Success, or 409 when what it would start is there already.",
        { Resolve: Resolve.Retry } =>
            "It is decided on the newest state whatever happened meanwhile, until it succeeds, a rule refuses it, or the deadline passes (503 with Retry-After).",
        { Resolve: Resolve.Merge } =>
            "Success on the newest state, with what it was merged with when a seen version was named; 409 with every unseen change when one of them clashes.",
        { Resolve: Resolve.Reject } =>
            "428 when no version was named, success when nothing unseen clashes, else 409 with the current state, every unseen change and the If-Match to resubmit.",
        _ => throw new InvalidOperationException($"{policy.Resolve} is no policy."),
    };
}
