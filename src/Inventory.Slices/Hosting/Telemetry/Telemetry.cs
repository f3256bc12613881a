using System.Diagnostics;
using System.Reflection;
using Inventory.Conflicts;
using Marten;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Sends traces, metrics and logs to an OpenTelemetry receiver, when the standard variables name one
/// (opentelemetry.io, “OpenTelemetry Protocol Exporter”). Otherwise nobody listens, and nothing is made to be sent.
/// </summary>
public static class Telemetry
{
    /// <summary>Where everything is sent.</summary>
    public const string EndpointSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>What makes spans, beside the web server.</summary>
    public static IReadOnlyList<string> Sources { get; } = [ConflictTraces.SourceName, "Wolverine", "Marten", "Npgsql", "System.Net.Http"];

    /// <summary>What measures. Wolverine's meter carries the service's name.</summary>
    public static IReadOnlyList<string> Meters { get; } =
    [
        ConflictMetrics.MeterName, ServiceMetrics.MeterName, $"Wolverine:{MessagingSetup.ServiceName}", "Marten", "Npgsql",
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting", "System.Net.Http", "System.Runtime",
    ];

    /// <summary>Registers what measures, and what sends.</summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddSingleton<ServiceMetrics>();
        services.AddHostedService<StoreWatch>();
        if (string.IsNullOrEmpty(configuration[EndpointSetting]))
        {
            return services;
        }

        services.AddOpenTelemetry()
            // What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before this.
            .ConfigureResource(resource => resource
                .AddService(MessagingSetup.ServiceName, serviceVersion: typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
                .AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(requests => requests.Filter = http => !http.Request.Path.StartsWithSegments("/health"))
                .AddSource([.. Sources])
                .AddProcessor(new UnwantedSpans())
                .AddOtlpExporter())
            .WithMetrics(metrics => metrics.AddMeter([.. Meters]).AddOtlpExporter())
            .WithLogging(logging => logging.AddOtlpExporter());
        services.ConfigureMarten(options => options.Projections.AsyncListeners.Add(new EventTraces.Projected()));
        return services;
    }
}
