using System.Diagnostics.Metrics;

namespace Inventory.Slices.Hosting;

/// <summary>What the service measures beside its conflicts. Names and units as OpenTelemetry has them.</summary>
public sealed class ServiceMetrics
{
    /// <summary>The meter's name, by which exporters subscribe.</summary>
    public const string MeterName = "Inventory.Slices";

    private readonly ObservableGauge<long> _lag;
    private readonly Counter<long> _deliveries;
    private volatile StoreFigures _figures = StoreFigures.None;

    public ServiceMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _lag = meter.CreateObservableGauge(
            "inventory.projections.lag_events", () => _figures.Projections.Select(p => Of(p.LagEvents, "projection", p.Name)), "{event}",
            "Events that a projection has not applied yet.");
        meter.CreateObservableGauge(
            "inventory.projections.lag", () => _figures.Projections.Select(p => Of(p.LagSeconds, "projection", p.Name)), "s",
            "How old the oldest event is that a projection has not applied yet; 0 when there is none.");
        meter.CreateObservableGauge(
            "inventory.messages.dead_letters", () => _figures.DeadLetters.Select(letters => Of(letters.Count, "message_type", letters.MessageType)), "{message}",
            "Messages that were given up and wait to be replayed.");
        meter.CreateObservableGauge(
            "inventory.health", () => _figures.Health.Select(check => Of(check.IsWell ? 1L : 0L, "check", check.Name)), "{status}",
            "Whether a check of /health/ready is well (1) or not (0).");
        _deliveries = meter.CreateCounter<long>("inventory.webhooks.deliveries", "{delivery}", "Attempts to deliver a fact, by receiver and how they ended: delivered, failed, refused.");
    }

    /// <summary>Whether anybody asks for the figures that have to be fetched.</summary>
    internal bool AreWanted => _lag.Enabled;

    /// <summary>What is told until the next.</summary>
    internal void Show(StoreFigures figures) => _figures = figures;

    /// <summary>An attempt to deliver a fact has ended.</summary>
    internal void Delivered(string endpoint, string outcome) =>
        _deliveries.Add(1, new KeyValuePair<string, object?>("endpoint", endpoint), new KeyValuePair<string, object?>("outcome", outcome));

    private static Measurement<T> Of<T>(T value, string tag, string name) where T : struct => new(value, new KeyValuePair<string, object?>(tag, name));
}

/// <summary>What the database and the health checks say at one time.</summary>
internal sealed record StoreFigures(
    IReadOnlyList<(string Name, long LagEvents, double LagSeconds)> Projections, IReadOnlyList<(string MessageType, long Count)> DeadLetters,
    IReadOnlyList<(string Name, bool IsWell)> Health)
{
    /// <summary>Nothing is known.</summary>
    public static StoreFigures None { get; } = new([], [], []);
}
