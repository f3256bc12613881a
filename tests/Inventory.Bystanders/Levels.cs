using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Inventory.Bystanders;

/// <summary>Writes down once a second how high whatever can go up and down in the process stands: what waits, is held, is open.</summary>
/// <param name="file">Where.</param>
/// <param name="thrower">Whose number is written down too.</param>
internal sealed class Levels(string file, Thrower thrower)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, double> _levels = new();
    private readonly ConcurrentDictionary<string, double> _observed = new();

    /// <summary>Begins, for as long as the process lives.</summary>
    public void Start()
    {
        var levels = new MeterListener();
        levels.InstrumentPublished = (instrument, listener) =>
        {
            var kind = instrument.GetType().Name;
            if (kind.StartsWith("UpDownCounter", StringComparison.Ordinal) || kind.StartsWith("ObservableUpDownCounter", StringComparison.Ordinal)
                || kind.StartsWith("ObservableGauge", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        levels.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        levels.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        levels.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        levels.Start();
        new Thread(() => Write(levels)) { IsBackground = true, Name = "bystander" }.Start();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // What tells connections and pools apart does not tell what is held; what state they are in does.
        var state = "";
        foreach (var tag in tags)
        {
            state = tag.Key.EndsWith("state", StringComparison.Ordinal) || tag.Key is "budget" or "aggregate" ? $"{state}/{tag.Value}" : state;
        }

        var level = $"{instrument.Name}{state}";
        if (instrument.IsObservable)
        {
            _observed.AddOrUpdate(level, value, (_, before) => before + value);
        }
        else
        {
            _levels.AddOrUpdate(level, value, (_, before) => before + value);
        }
    }

    private void Write(MeterListener listener)
    {
        while (true)
        {
            Thread.Sleep(Every);
            thrower.Look();
            _observed.Clear();
            try
            {
                listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // Some could not be observed; the others were.
            }

            var levels = _levels.Concat(_observed).ToDictionary();
            levels["thrown"] = thrower.Thrown;
            try
            {
                File.WriteAllText($"{file}.new", JsonSerializer.Serialize(levels));
                File.Move($"{file}.new", file, overwrite: true);
            }
            catch (IOException)
            {
                // The run is over, and its folder gone.
                return;
            }
        }
    }
}
