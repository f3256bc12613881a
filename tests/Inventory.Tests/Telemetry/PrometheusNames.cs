using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;

namespace Inventory.Tests.Telemetry;

/// <summary>
/// What this process measures, under the names that Prometheus gives to what it gets by the OpenTelemetry protocol
/// (opentelemetry.io, “Prometheus and OpenMetrics Compatibility”; names with their units and types).
/// </summary>
internal sealed partial class PrometheusNames : IDisposable
{
    private static readonly Dictionary<string, string> Units = new() { ["s"] = "seconds", ["ms"] = "milliseconds", ["By"] = "bytes", ["%"] = "percent" };

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, byte> _names = [];
    private readonly ConcurrentDictionary<string, byte> _labels = [];

    public PrometheusNames(IReadOnlyCollection<string> meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Contains(instrument.Meter.Name))
            {
                foreach (var name in NamesOf(instrument))
                {
                    _names[name] = 0;
                }

                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<byte>((_, _, tags, _) => Note(tags));
        _listener.SetMeasurementEventCallback<short>((_, _, tags, _) => Note(tags));
        _listener.SetMeasurementEventCallback<int>((_, _, tags, _) => Note(tags));
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Note(tags));
        _listener.SetMeasurementEventCallback<float>((_, _, tags, _) => Note(tags));
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Note(tags));
        _listener.SetMeasurementEventCallback<decimal>((_, _, tags, _) => Note(tags));
        _listener.Start();
    }

    public ICollection<string> Metrics => _names.Keys;

    /// <summary>The labels that some measurement had.</summary>
    public ICollection<string> Labels => _labels.Keys;

    /// <summary>Asks those who measure only when they are asked.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    /// <summary>The names under which one instrument appears.</summary>
    public static IReadOnlyList<string> NamesOf(Instrument instrument)
    {
        var kind = instrument.GetType().Name.Split('`')[0];
        var name = Sanitized(instrument.Name);
        // What stands in braces counts things, and is no unit.
        var unit = Regex.Replace(instrument.Unit ?? "", @"\{.*?\}", "");
        var suffix = unit switch
        {
            "" => "",
            "1" => kind.EndsWith("Gauge", StringComparison.Ordinal) ? "ratio" : "",
            _ => Units.GetValueOrDefault(unit, Sanitized(unit)),
        };
        if (suffix.Length > 0 && !name.Split('_').Contains(suffix))
        {
            name += $"_{suffix}";
        }

        return kind switch
        {
            "Counter" or "ObservableCounter" => [name.EndsWith("_total", StringComparison.Ordinal) ? name : $"{name}_total"],
            "Histogram" => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            _ => [name],
        };
    }

    private static string Sanitized(string name) => NotAllowed().Replace(name, "_").Trim('_');

    private void Note(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            _labels[Sanitized(tag.Key)] = 0;
        }
    }

    [GeneratedRegex("[^a-zA-Z0-9]+")]
    private static partial Regex NotAllowed();
}
