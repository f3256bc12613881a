using Microsoft.Extensions.Logging;

namespace Inventory.Conflicts;

/// <summary>
/// Drops log entries of a command's attempt whose exception is a lost race. Wolverine and Marten log every failed attempt at
/// Error with the whole stack, although it is about to be decided again; <see cref="ConflictPolicies"/> says the same in one
/// line. Everything else passes, and so does every race that something else has lost, such as a projection. What a log
/// provider throws ends nobody's command: the frameworks that run one log on its way.
/// </summary>
public sealed class QuietLostRaces(ILoggerFactory inner) : ILoggerFactory
{
    private static readonly AsyncLocal<bool> Expected = new();

    /// <summary>Says that what follows here is an attempt of a command, until what is returned is disposed of.</summary>
    internal static IDisposable Expect()
    {
        Expected.Value = true;
        return new Expecting();
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new QuietLogger(new Bystanders.Logger(inner.CreateLogger(categoryName)));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private sealed class QuietLogger(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (!Expected.Value || exception is null || !LostRace.Is(exception))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }

    private sealed class Expecting : IDisposable
    {
        public void Dispose() => Expected.Value = false;
    }
}
