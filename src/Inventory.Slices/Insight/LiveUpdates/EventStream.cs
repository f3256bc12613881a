using System.Globalization;
using System.Text.Json;
using Inventory.Slices.Hosting;
using Microsoft.Net.Http.Headers;

namespace Inventory.Slices.Insight;

/// <summary>
/// A stream of server-sent events (WHATWG HTML, "Server-sent events"). A reader that takes nothing for a while although something is to be sent is cut
/// off; it comes back with the id of the last event it has.
/// </summary>
/// <param name="response">The answer that it is sent as.</param>
/// <param name="stallMax">How long a reader may take nothing.</param>
internal sealed class EventStream(HttpResponse response, TimeSpan stallMax)
{
    /// <summary>How long nothing may be sent before a line says that the connection lives.</summary>
    public static TimeSpan Heartbeat { get; } = TimeSpan.FromSeconds(15);

    /// <summary>Begins the answer.</summary>
    public Task BeginAsync(CancellationToken cancellation)
    {
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        // A proxy that gathers answers before it passes them on would hold them back (nginx and others).
        response.Headers["X-Accel-Buffering"] = "no";
        response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
        return SentAsync(response.Body.FlushAsync(cancellation), cancellation);
    }

    /// <summary>Its media type.</summary>
    public const string MediaType = "text/event-stream";

    /// <summary>Adds an event; it is on its way after the next flush.</summary>
    /// <param name="id">What a reader comes back with.</param>
    /// <param name="type">Its type.</param>
    /// <param name="data">What it says, as JSON.</param>
    /// <param name="cancellation">Stops the work.</param>
    public Task AddAsync<T>(long id, string type, T data, CancellationToken cancellation) => WriteAsync(
        string.Create(CultureInfo.InvariantCulture, $"id: {id}\nevent: {type}\ndata: {JsonSerializer.Serialize(data, HttpJson.Options)}\n\n"), cancellation);

    /// <summary>Sends what was added.</summary>
    public Task FlushAsync(CancellationToken cancellation) => SentAsync(response.Body.FlushAsync(cancellation), cancellation);

    /// <summary>Waits for something to send, and says now and then that the connection lives.</summary>
    public async Task WaitAsync(Task next, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await next.WaitAsync(Heartbeat, cancellation);
                return;
            }
            catch (TimeoutException)
            {
                await WriteAsync(": still here\n\n", cancellation);
                await FlushAsync(cancellation);
            }
        }
    }

    private Task WriteAsync(string text, CancellationToken cancellation) => SentAsync(response.WriteAsync(text, cancellation), cancellation);

    /// <summary>
    /// Waits until the reader has room. The web server's least rate does not bound that: it allows as much time as everything that was written would
    /// take at that rate, which is minutes for a few thousand events.
    /// </summary>
    private async Task SentAsync(Task sending, CancellationToken cancellation)
    {
        try
        {
            await sending.WaitAsync(stallMax, cancellation);
        }
        catch (TimeoutException)
        {
            throw new ReaderStalledException();
        }
    }
}

/// <summary>The reader of a stream takes nothing any more.</summary>
internal sealed class ReaderStalledException : Exception;
