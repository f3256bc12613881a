using Microsoft.Net.Http.Headers;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Says that the connection ends with the answer when the web server will end it because the request's body was not read to its end (RFC 9112, section 9.6).
/// A client that is not told sends its next request on a connection that is gone. The server reads the rest of a body that is not too long and
/// not too slow by itself, and keeps the connection.
/// </summary>
public static class UnreadBodies
{
    private static readonly object Key = new();

    private enum Reading
    {
        Ended,
        BrokenOff,
    }

    /// <summary>A request's body was read to its end.</summary>
    public static void WasRead(HttpContext http) => Note(http, Reading.Ended);

    /// <summary>A request's body could not be read to its end, or was longer than it may be.</summary>
    public static void BrokeOff(HttpContext http) => Note(http, Reading.BrokenOff);

    /// <summary>Before everything that answers.</summary>
    public static void UseUnreadBodies(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        // Later versions have no such header, and end single streams instead (RFC 9113, section 8.2.2).
        if (HttpProtocol.IsHttp11(http.Request.Protocol) && MayHaveBody(http.Request))
        {
            http.Response.OnStarting(
                static state =>
                {
                    var answering = (HttpContext)state;
                    if (IsLeft(answering))
                    {
                        answering.Response.Headers.Connection = "close";
                    }

                    return Task.CompletedTask;
                },
                http);
        }

        return next(http);
    });

    private static bool MayHaveBody(HttpRequest request) => request.ContentLength > 0 || IsChunked(request);

    private static bool IsChunked(HttpRequest request) => request.Headers.ContainsKey(HeaderNames.TransferEncoding);

    private static bool IsLeft(HttpContext http) => http.Items.TryGetValue(Key, out var reading)
        ? reading is Reading.BrokenOff
        // Nobody has begun to read it.
        : http.Request.ContentLength > HttpLimits.BodyBytesMax || IsChunked(http.Request);

    private static void Note(HttpContext http, Reading reading)
    {
        ArgumentNullException.ThrowIfNull(http);
        http.Items[Key] = reading;
    }
}
