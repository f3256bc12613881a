using Inventory.Conflicts;
using Microsoft.AspNetCore.Diagnostics;

namespace Inventory.Slices.Hosting;

/// <summary>Turns what nobody expected into problem answers.</summary>
public sealed partial class Failures(ILogger<Failures> logger) : IExceptionHandler
{
    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var problem = Answer(exception);
        if (exception is IOException)
        {
            UnreadBodies.BrokeOff(httpContext);
        }

        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            // Nobody else does: the framework takes an exception that a handler answers for dealt with.
            LogFailure(logger, exception, httpContext.Request.Method, httpContext.Request.Path);
        }

        await problem.ExecuteAsync(httpContext);
        return true;
    }

    private static Problem Answer(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new Problem(ProblemTypes.BodyTooLarge),
        BadHttpRequestException bad => new Problem(ProblemTypes.MalformedRequest) { Status = bad.StatusCode },
        // What the web server makes of a chunk whose size overflows.
        IOException { InnerException: OverflowException } => new Problem(ProblemTypes.MalformedRequest),
        // Commands whose commit is in doubt have an outcome of their own: what comes here has written nothing.
        _ when DatabaseFailure.Is(exception) => new Problem(ProblemTypes.Unavailable) { RetryAfterSeconds = 1 },
        _ => new Problem(ProblemTypes.InternalError),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailure(ILogger logger, Exception exception, string method, string path);
}
