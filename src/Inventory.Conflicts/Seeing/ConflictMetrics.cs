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
    /// <param name="aggregate">The aggregate.</param>
    /// <param name="waiting">How many commands wait or are being executed.</param>
    /// <param name="lines">How many streams have a line.</param>
    /// <param name="cared">How many streams are remembered as contended.</param>
    internal void Observe(string aggregate, Func<int> waiting, Func<int> lines, Func<int> cared)
    {
        Gauge("inventory.commands.waiting", waiting, "{command}", "Commands that wait for their turn or are being executed on this node.");
        Gauge("inventory.streams.lines", lines, "{stream}", "Streams that commands of this node wait for or work on.");
        Gauge("inventory.streams.contended", cared, "{stream}", "Streams that are locked or go alone for a while, because somebody else wrote to them.");

        void Gauge(string name, Func<int> now, string unit, string description) => _meter.CreateObservableGauge(
            name, () => new Measurement<int>(now(), new KeyValuePair<string, object?>("aggregate", aggregate)), unit, description);
    }

    internal void Ended(string command, string outcome, TimeSpan duration) => Bystanders.Tell(
        static at => at._duration.Record(at.duration.TotalSeconds, new("command", at.command), new("outcome", at.outcome)),
        (_duration, command, outcome, duration));

    internal void Absorbed(string command, Resolve policy, string clashingEvent) =>
        Bystanders.Tell(static at => at._absorbed.Add(1, at.Item2), (_absorbed, Tags(command, policy, clashingEvent)));

    internal void Escaped(string command, Resolve policy, string clashingEvent) =>
        Bystanders.Tell(static at => at._escaped.Add(1, at.Item2), (_escaped, Tags(command, policy, clashingEvent)));

    internal void Unrecorded() => Bystanders.Tell(static counter => counter.Add(1), _unrecorded);

    internal void Attempts(string command, int attempts) => Bystanders.Tell(
        static at => at._attempts.Record(at.attempts, new KeyValuePair<string, object?>("command", at.command)), (_attempts, command, attempts));

    internal void Committed(int commands, int streams)
    {
        Bystanders.Tell(static at => at._batchCommands.Record(at.commands), (_batchCommands, commands));
        Bystanders.Tell(static at => at._batchStreams.Record(at.streams), (_batchStreams, streams));
    }

    internal void Waited(TimeSpan wait) => Bystanders.Tell(static at => at._queueWait.Record(at.wait.TotalSeconds), (_queueWait, wait));

    private static TagList Tags(string command, Resolve policy, string clashingEvent) =>
        new() { { "command", command }, { "policy", policy.ToString() }, { "clashing_event", clashingEvent } };
}
