using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Inventory.Conflicts;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Hosting;

/// <summary>Everything one service's meter measures, from now on.</summary>
public sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _all = [];

    public Measured(Service service)
    {
        var meters = service.Host.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ConflictMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<(string Name, double Value, string Tags)> All => [.. _all];

    public IReadOnlyList<(string Name, double Value, string Tags)> Conflicts => [.. _all.Where(m => m.Name.StartsWith("inventory.conflicts", StringComparison.Ordinal))];

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _all.Enqueue((instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => tag.Value))));
}
