using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Inventory.Bystanders;

/// <summary>Adds a log provider that throws to the host that is being built.</summary>
internal sealed class LogProviders(Thrower thrower) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    /// <summary>Waits for a host to be built.</summary>
    public static void Add(Thrower thrower) => DiagnosticListener.AllListeners.Subscribe(new LogProviders(thrower));

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting")
        {
            value.Subscribe(this);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: "HostBuilding", Value: IHostBuilder builder })
        {
            builder.ConfigureServices(services => services.AddSingleton<ILoggerProvider>(new Provider(thrower)));
        }
    }

    public void OnCompleted()
    {
        // There may be another host.
    }

    public void OnError(Exception error)
    {
        // Nobody sends any.
    }

    private sealed class Provider(Thrower thrower) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new ThrowingLog(Thrower.IsOwn(categoryName) ? thrower : null);

        public void Dispose()
        {
            // It holds nothing.
        }
    }

    private sealed class ThrowingLog(Thrower? thrower) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => thrower is not null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            thrower?.Throw();
    }
}
