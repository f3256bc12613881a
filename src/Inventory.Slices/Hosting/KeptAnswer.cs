using System.Net.Mime;
using System.Text;
using Inventory.Conflicts;

namespace Inventory.Slices.Hosting;

/// <summary>Sends an answer as its receipt keeps it.</summary>
/// <param name="answer">The answer.</param>
/// <param name="replayed">Whether it was given before.</param>
public sealed class KeptAnswer(Answer answer, bool replayed) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.Status >= StatusCodes.Status400BadRequest ? Problem.MediaType : MediaTypeNames.Application.Json;
        if (answer.Version is { } version)
        {
            response.Headers.ETag = VersionedAnswer.ETag(version);
        }

        if (answer.Location is { } location)
        {
            response.Headers.Location = location;
        }

        if (replayed)
        {
            response.Headers[IdempotencyKeys.ReplayedHeader] = "true";
        }

        var body = Encoding.UTF8.GetBytes(answer.Body);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
