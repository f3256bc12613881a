using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Inventory.Bystanders;

/// <summary>Listens to the service's own traces and metrics, and throws now and then while a file is there.</summary>
/// <param name="file">The file.</param>
internal sealed class Thrower(string file)
{
    private const int OneOf = 20;

    private volatile bool _throws;
    private long _calls;
    private long _thrown;

    /// <summary>How often it has thrown.</summary>
    public long Thrown => Interlocked.Read(ref _thrown);

    /// <summary>Begins to listen, to whatever the service calls its own.</summary>
    public void Listen()
    {
        ActivitySource.AddActivityListener(new ActivityListener
        {
            ShouldListenTo = source => IsOwn(source.Name),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => _throws ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStarted = _ => Throw(),
            ActivityStopped = _ => Throw(),
        });
        var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (IsOwn(instrument.Meter.Name) && !instrument.IsObservable)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<int>((_, _, _, _) => Throw());
        meters.SetMeasurementEventCallback<long>((_, _, _, _) => Throw());
        meters.SetMeasurementEventCallback<double>((_, _, _, _) => Throw());
        meters.Start();
    }

    /// <summary>Looks whether it is to throw.</summary>
    public void Look() => _throws = File.Exists(file);

    /// <summary>Whether a name is one of the service's own.</summary>
    public static bool IsOwn(string name) =>
        name.StartsWith("Inventory", StringComparison.Ordinal) || name.StartsWith("Conflicts", StringComparison.OrdinalIgnoreCase);

    /// <summary>Throws, one time out of so many.</summary>
    public void Throw()
    {
        if (_throws && Interlocked.Increment(ref _calls) % OneOf == 0)
        {
            Interlocked.Increment(ref _thrown);
            throw new InvalidOperationException("A bystander threw this, and nobody should care.");
        }
    }
}
