using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Inventory.Conflicts;

/// <summary>Counts how conflicts ended and measures what waiting and folding cost. Names and units as OpenTelemetry has them.</summary>
public sealed class ConflictMetrics
{
    /// <summary>The meter's name, by which exporters subscribe.</summary>
    public const string MeterName = "Inventory.Conflicts";

    /// <summary>The tag <c>clashing_event</c> when no event type is to blame.</summary>
    internal const string NoEvent = "none";

    // A caller who was decided on at once counts in the first, so what is beyond it is what conflicts cost.
    private static readonly InstrumentAdvice<int> AttemptBounds = new() { HistogramBucketBoundaries = [1, 2, 3, 4, 5, 8, 16, 32, 64, 128] };

    // Up to the largest commit that may be configured.
    private static readonly InstrumentAdvice<int> BatchBounds = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 5000] };

    // In seconds. The bounds that exporters use when none are advised are for milliseconds: every wait would fall into the first.
    private static readonly InstrumentAdvice<double> WaitBounds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _absorbed;
    private readonly Counter<long> _escaped;
    private readonly Counter<long> _unrecorded;
    private readonly Histogram<int> _attempts;
    private readonly Histogram<int> _batchCommands;
    private readonly Histogram<int> _batchStreams;
    private readonly Histogram<double> _queueWait;
    private readonly Histogram<double> _duration;

    public ConflictMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = _meter = meters.Create(MeterName);
        _absorbed = meter.CreateCounter<long>("inventory.conflicts.absorbed", "{conflict}", "Conflicts that the caller did not have to care about: races decided again, unseen changes merged.");
        _escaped = meter.CreateCounter<long>("inventory.conflicts.escaped", "{conflict}", "Conflicts that the caller was told of.");
        _unrecorded = meter.CreateCounter<long>("inventory.conflicts.unrecorded", "{conflict}", "Conflicts that are counted but missing in the conflict log, because it could not keep up.");
        _attempts = meter.CreateHistogram<int>("inventory.commands.attempts", "{attempt}", "Attempts until a command came to its end.", advice: AttemptBounds);
        _batchCommands = meter.CreateHistogram<int>("inventory.commits.commands", "{command}", "Commands folded into one commit.", advice: BatchBounds);
        _batchStreams = meter.CreateHistogram<int>("inventory.commits.streams", "{stream}", "Streams in one commit.", advice: BatchBounds);
        _queueWait = meter.CreateHistogram<double>("inventory.commands.queue_wait", "s", "Time from a command's arrival to its turn.", advice: WaitBounds);
        _duration = meter.CreateHistogram<double>("inventory.commands.duration", "s", "Time from a command's arrival to its end, by how it ended.", advice: WaitBounds);
    }

    /// <summary>Has it told, whenever somebody asks, how many commands of an aggregate wait or are being executed on this node.</summary>
    internal void Observe(string aggregate, Func<int> waiting) => _meter.CreateObservableGauge(
        "inventory.commands.waiting", () => new Measurement<int>(waiting(), new KeyValuePair<string, object?>("aggregate", aggregate)), "{command}",
        "Commands that wait for their turn or are being executed on this node.");

    internal void Ended(string command, string outcome, TimeSpan duration) => _duration.Record(
        duration.TotalSeconds, new KeyValuePair<string, object?>("command", command), new KeyValuePair<string, object?>("outcome", outcome));

    internal void Absorbed(string command, Resolve policy, string clashingEvent) => _absorbed.Add(1, Tags(command, policy, clashingEvent));

    internal void Escaped(string command, Resolve policy, string clashingEvent) => _escaped.Add(1, Tags(command, policy, clashingEvent));

    internal void Unrecorded() => _unrecorded.Add(1);

    internal void Attempts(string command, int attempts) => _attempts.Record(attempts, new KeyValuePair<string, object?>("command", command));

    internal void Committed(int commands, int streams)
    {
        _batchCommands.Record(commands);
        _batchStreams.Record(streams);
    }

    internal void Waited(TimeSpan wait) => _queueWait.Record(wait.TotalSeconds);

    private static TagList Tags(string command, Resolve policy, string clashingEvent) =>
        new() { { "command", command }, { "policy", policy.ToString() }, { "clashing_event", clashingEvent } };
}
