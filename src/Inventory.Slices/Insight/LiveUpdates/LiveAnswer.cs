using System.Globalization;
using Inventory.Slices.Hosting;
using Microsoft.Extensions.Options;

namespace Inventory.Slices.Insight;

/// <summary>An answer that goes on until its reader or the service goes.</summary>
/// <param name="readers">How many there are.</param>
/// <param name="run">Sends the events.</param>
internal sealed class LiveAnswer(LiveReaders readers, Func<EventStream, CancellationToken, Task> run) : IResult
{
    /// <summary>The header by which a reader says what it has (WHATWG HTML, "The Last-Event-ID header").</summary>
    public const string LastEventId = "Last-Event-ID";

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        if (!readers.TryEnter())
        {
            await new Problem(ProblemTypes.Overloaded, $"{readers.Options.ReadersMax} readers follow changes on this node already.") { RetryAfterSeconds = 10 }.ExecuteAsync(httpContext);
            return;
        }

        var stopping = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        if (Access.RemainingTime(httpContext.User, httpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()) is { } left)
        {
            // Who comes back has to show a good token again.
            end.CancelAfter(left);
        }

        try
        {
            var stream = new EventStream(httpContext.Response, readers.Options.StallMax);
            await stream.BeginAsync(end.Token);
            if (!HeadRequests.Is(httpContext))
            {
                await run(stream, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The reader has gone, or the service stops: it comes back to this node or another.
        }
        catch (ReaderStalledException)
        {
            httpContext.Abort();
        }
        finally
        {
            readers.Leave();
        }
    }

    /// <summary>Reads <see cref="LastEventId"/>; false when it is none of ours.</summary>
    public static bool IsLastEventId(IHeaderDictionary headers, out long? last)
    {
        last = null;
        var given = headers[LastEventId];
        if (given.Count == 1 && long.TryParse(given[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            last = id;
        }

        return given.Count == 0 || last is not null;
    }
}

/// <summary>How many follow changes on this node.</summary>
/// <param name="options">How many may, and how long they may take.</param>
public sealed class LiveReaders(IOptions<LiveUpdatesOptions> options)
{
    private int _readers;

    /// <summary>The limits in force.</summary>
    public LiveUpdatesOptions Options { get; } = options.Value;

    /// <summary>Takes a place, if there is one.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _readers) <= Options.ReadersMax)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Gives it back.</summary>
    public void Leave() => Interlocked.Decrement(ref _readers);
}
