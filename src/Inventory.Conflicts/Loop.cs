using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inventory.Conflicts;

/// <summary>
/// Work that is done again and again for as long as the service runs, on behalf of many. Nothing that it throws ends
/// it, be it a database that is away, a defect, or somebody else's listener of traces or metrics: it says so in the log
/// and goes on.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="logger">Where it says what went wrong; null for nowhere.</param>
public abstract partial class Loop(TimeProvider clock, ILogger? logger) : BackgroundService
{
    /// <summary>How long it pauses after a defect, when it would not come to its work sooner.</summary>
    internal static readonly TimeSpan PauseAfterDefect = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private (string What, long At)? _told;

    /// <summary>The clock.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <summary>Does the work once. It may throw whatever it likes.</summary>
    protected abstract Task WorkAsync(CancellationToken stopping);

    /// <summary>
    /// Done when there is something to do before <see cref="AtTheLatest"/>. It is asked for before the work begins.
    /// </summary>
    protected virtual Task Next => Task.Delay(Timeout.InfiniteTimeSpan, Clock);

    /// <summary>How long it waits for <see cref="Next"/> before it works again.</summary>
    protected virtual TimeSpan AtTheLatest => Timeout.InfiniteTimeSpan;

    /// <summary>Whether it works as soon as it is started, without waiting once.</summary>
    protected virtual bool BeginsAtOnce => true;

    /// <inheritdoc/>
    protected sealed override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Works until it is told to stop. Does not throw.</summary>
    internal async Task RunAsync(CancellationToken stopping)
    {
        for (var works = BeginsAtOnce; !stopping.IsCancellationRequested; works = true)
        {
            var (next, latest) = (Next, AtTheLatest);
            if (works && !await TryWorkAsync(stopping)
                && (latest > PauseAfterDefect || latest == Timeout.InfiniteTimeSpan))
            {
                latest = PauseAfterDefect;
            }

            await next.WaitAsync(latest, Clock, stopping)
                .ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>False after a defect.</summary>
    private async Task<bool> TryWorkAsync(CancellationToken stopping)
    {
        try
        {
            await WorkAsync(stopping);
            _told = null;
            return true;
        }
#pragma warning disable CA1031 // Many wait for it, and none of them can do anything about it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var isAway = e is OperationCanceledException || DatabaseFailure.Is(e);
            if (!stopping.IsCancellationRequested)
            {
                Tell(e, isAway);
            }

            return isAway;
        }
    }

    /// <summary>Says it once a minute, not each time, as long as it is the same.</summary>
    private void Tell(Exception e, bool isAway)
    {
        try
        {
            var what = $"{e.GetType()}: {e.Message}";
            if (_told is { } told && told.What == what && Clock.GetElapsedTime(told.At) < TellAgainAfter)
            {
                return;
            }

            _told = (what, Clock.GetTimestamp());
            if (isAway)
            {
                LogAway(_logger, GetType().Name, e.Message);
            }
            else
            {
                LogFailed(_logger, e, GetType().Name);
            }
        }
#pragma warning disable CA1031 // What the log cannot take cannot be told to the log.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Loop} could not do its work now ({Reason}) and tries again")]
    private static partial void LogAway(ILogger logger, string loop, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Loop} failed and goes on")]
    private static partial void LogFailed(ILogger logger, Exception exception, string loop);
}
