using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Inventory.Conflicts;

/// <summary>
/// Tells those who only watch: listeners of metrics and spans, and log providers. What one of them throws is its own defect,
/// and neither ends a command nor the loop that serves many.
/// </summary>
[SuppressMessage("Design", "CA1031", Justification = "Whatever a bystander throws.")]
internal static class Bystanders
{
    /// <summary>Tells somebody who may throw.</summary>
    public static void Tell<TWhat>(Action<TWhat> tell, TWhat what)
    {
        try
        {
            tell(what);
        }
        catch (Exception)
        {
        }
    }

    /// <summary>Begins a span, or none when one of its listeners throws.</summary>
    public static Span Begin(Func<Activity?> start)
    {
        var outer = Activity.Current;
        try
        {
            return new Span(start());
        }
        catch (Exception)
        {
            Activity.Current = outer;
            return default;
        }
    }

    /// <summary>A span that ends when it is disposed of, whatever its listeners throw.</summary>
    /// <param name="Activity">The span itself; null when nobody listens.</param>
    internal readonly record struct Span(Activity? Activity) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            if (Activity is not null)
            {
                Tell(static activity => activity.Dispose(), Activity);
            }
        }
    }

    /// <summary>A logger whose providers may throw.</summary>
    internal sealed class Logger(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel)
        {
            try
            {
                return inner.IsEnabled(logLevel);
            }
            catch (Exception)
            {
                return false;
            }
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
            catch (Exception)
            {
            }
        }
    }
}
