using System.Diagnostics;

namespace Inventory.Conflicts;

/// <summary>
/// The spans of commands, and of the commits that they share. A commit's span is made once: it is a child of the first of its commands that is
/// traced, and it and the other commands' spans are linked to each other. Without a listener none is made.
/// </summary>
public static class ConflictTraces
{
    /// <summary>The source's name, by which exporters subscribe.</summary>
    public const string SourceName = "Inventory.Conflicts";

    internal static readonly ActivitySource Source = new(SourceName);

    /// <summary>From a command's arrival to its end, waiting included.</summary>
    internal static Bystanders.Span Command(string command, Resolve policy, Guid? streamId) => Source.HasListeners()
        ? Bystanders.Begin(() => Source.StartActivity($"command {command}")
            ?.SetTag("inventory.command", command).SetTag("inventory.policy", policy.ToString()).SetTag("inventory.stream", streamId))
        : default;

    /// <summary>The span of the command that is being sent here; null when it is not traced.</summary>
    internal static Activity? CurrentCommand() => Activity.Current is { Source.Name: SourceName } command ? command : null;

    /// <summary>How the command ended. That its caller was refused or told of a conflict is no error.</summary>
    internal static void Ended<TState>(this Bystanders.Span span, Outcome<TState> outcome)
    {
        if (span.Activity is not { } command)
        {
            return;
        }

        command.SetTag("inventory.outcome", NameOf(outcome)).SetTag("inventory.attempts", outcome.Attempts);
        if (outcome is Outcome<TState>.Unavailable or Outcome<TState>.Unknown or Outcome<TState>.RetriesExhausted or Outcome<TState>.Overloaded)
        {
            command.SetStatus(ActivityStatusCode.Error, NameOf(outcome));
        }
    }

    /// <summary>The work for commands that were taken together, until each has its answer.</summary>
    internal static Bystanders.Span Batch<TAggregate>(IReadOnlyList<Fold<TAggregate>> folds) =>
        Source.HasListeners() ? Bystanders.Begin(() => StartBatch(folds)) : default;

    /// <summary>One transaction of a batch. One that lost a race is followed by another.</summary>
    internal static Bystanders.Span Commit(int streams, int events) => Activity.Current is null
        ? default
        : Bystanders.Begin(() => Source.StartActivity("commit")
            ?.SetTag("inventory.commit.streams", streams).SetTag("inventory.commit.events", events));

    /// <summary>It threw. The exception's type says why; its text may repeat what a caller sent.</summary>
    internal static void Failed(this Bystanders.Span span, Exception exception) =>
        span.Activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);

    /// <summary>How a command ended, as spans and metrics name it: <c>Accepted</c>, <c>Refused</c>, <c>Conflicted</c>, …</summary>
    internal static string NameOf<TState>(Outcome<TState> outcome) => outcome is Outcome<TState>.Accepted { MergedWith.Count: > 0 } ? "Merged" : outcome.GetType().Name;

    private static Activity? StartBatch<TAggregate>(IReadOnlyList<Fold<TAggregate>> folds)
    {
        var commands = folds.SelectMany(fold => fold.Commands).ToList();
        var traced = commands.Select(command => command.Span).OfType<Activity>().ToList();
        if (traced.Find(span => span.Recorded) is not { } first)
        {
            return null;
        }

        var others = traced.Where(span => span != first).ToList();
        var batch = Source.StartActivity("batch", ActivityKind.Internal, first.Context, links: others.Select(span => new ActivityLink(span.Context)))
            ?.SetTag("inventory.batch.commands", commands.Count).SetTag("inventory.batch.streams", folds.Count);
        if (batch is not null)
        {
            others.ForEach(span => span.AddLink(new ActivityLink(batch.Context)));
        }

        return batch;
    }
}
