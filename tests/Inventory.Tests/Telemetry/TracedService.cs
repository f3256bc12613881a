using System.Collections.Concurrent;
using System.Diagnostics;
using Inventory.Tests.Hosting;
using Inventory.Tests.Integration;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;

namespace Inventory.Tests.Telemetry;

/// <summary>A service with one lane and a shop, whose telemetry is kept here beside being sent to a receiver on loopback.</summary>
public sealed class TracedService(DatabaseServer server) : ServiceWithAShop(server)
{
    /// <summary>Some receivers have one.</summary>
    public const string PathSecret = "a-secret-in-the-path";

    private readonly OtlpReceiver _receiver = new();

    /// <summary>What was sent, as text, by its kind: traces, metrics, logs.</summary>
    public ConcurrentDictionary<string, string> Sent => _receiver.Bodies;

    /// <summary>The spans that have ended.</summary>
    public ConcurrentQueue<Activity> Spans { get; } = [];

    public ConcurrentQueue<LogRecord> Logs { get; } = [];

    protected override string Path => $"/facts/{PathSecret}";

    public override async ValueTask InitializeAsync()
    {
        await _receiver.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    protected override void Configure(IWebHostBuilder builder)
    {
        base.Configure(builder);
        builder.UseSetting("Conflicts:Lanes", "1");
        builder.UseSetting("Logging:LogLevel:Default", "Information"); // As the service has it.
        builder.UseSetting("OTEL_EXPORTER_OTLP_ENDPOINT", _receiver.Address);
        builder.UseSetting("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        builder.UseSetting("OTEL_BSP_SCHEDULE_DELAY", "200");
        builder.UseSetting("OTEL_BLRP_SCHEDULE_DELAY", "200");
        builder.UseSetting("OTEL_METRIC_EXPORT_INTERVAL", "1000");
        builder.ConfigureServices(services =>
        {
            services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddInMemoryExporter(new Kept<Activity>(Spans)));
            services.ConfigureOpenTelemetryLoggerProvider(logging => logging.AddInMemoryExporter(new Kept<LogRecord>(Logs)));
        });
    }

    /// <summary>What the exporter adds to, from any thread.</summary>
    private sealed class Kept<T>(ConcurrentQueue<T> items) : ICollection<T>
    {
        public int Count => items.Count;

        public bool IsReadOnly => false;

        public void Add(T item) => items.Enqueue(item);

        public void Clear() => items.Clear();

        public bool Contains(T item) => items.Contains(item);

        public void CopyTo(T[] array, int arrayIndex) => items.CopyTo(array, arrayIndex);

        public bool Remove(T item) => throw new NotSupportedException();

        public IEnumerator<T> GetEnumerator() => items.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
