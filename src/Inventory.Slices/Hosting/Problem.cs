using System.Diagnostics;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Inventory.Slices.Hosting;

/// <summary>A problem answer (RFC 9457): <c>application/problem+json</c>, always with a type that has a page, and a trace id.</summary>
public sealed class Problem(ProblemType type, string? detail = null) : IResult
{
    /// <summary>The media type of problems (RFC 9457, section 3).</summary>
    public const string MediaType = "application/problem+json";

    private readonly Dictionary<string, object?> _members = [];

    /// <summary>The status code, when it is not the type's own.</summary>
    public int Status { get; init; } = type.Status;

    /// <summary>The version that the answer is true of; becomes the <c>ETag</c>.</summary>
    public long? Version { get; init; }

    /// <summary>After how many seconds it makes sense to ask again.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Adds a member to the answer, in order.</summary>
    public Problem With(string name, object? value)
    {
        _members[name] = value;
        return this;
    }

    public static Problem Malformed(string detail) => new(ProblemTypes.MalformedRequest, detail);

    public static Problem ProductNotFound(string product) =>
        new(ProblemTypes.ProductNotFound, $"No product is known as {product}. {ProblemTypes.ProductNotFound.NextStep}");

    private static Problem ScopeRequired(string scope) =>
        new Problem(ProblemTypes.ScopeRequired, $"This takes the scope {scope}, which your token lacks. {ProblemTypes.ScopeRequired.NextStep}").With("scope", scope);

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (Version is { } version)
        {
            response.Headers.ETag = VersionedAnswer.ETag(version);
        }

        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers[HeaderNames.RetryAfter] = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        response.ContentType = MediaType;
        return response.WriteAsync(Body(TraceIdOf(httpContext)), httpContext.RequestAborted);
    }

    /// <summary>The body: JSON.</summary>
    public string Body(string? traceId)
    {
        var body = new Dictionary<string, object?>
        {
            ["type"] = $"/problems/{type.Slug}",
            ["title"] = type.Title,
            ["status"] = Status,
            ["detail"] = detail ?? type.NextStep,
        };
        foreach (var (name, value) in _members)
        {
            body[name] = value;
        }

        body["traceId"] = traceId;
        return JsonSerializer.Serialize(body, HttpJson.Options);
    }

    /// <summary>What a request is found by in the traces and logs.</summary>
    public static string TraceIdOf(HttpContext http) => Activity.Current?.Id ?? http.TraceIdentifier;

    /// <summary>Turns answers that ASP.NET gives without a body, such as for an unknown path, into problems.</summary>
    public static Task ForEmptyAnswerAsync(HttpContext http) => (http.Response.StatusCode switch
    {
        StatusCodes.Status401Unauthorized => new Problem(ProblemTypes.TokenRequired),
        StatusCodes.Status403Forbidden => ScopeRequired(Scopes.NameOf(Access.RequiredBy(http))),
        StatusCodes.Status404NotFound => new Problem(ProblemTypes.NotFound),
        StatusCodes.Status405MethodNotAllowed => new Problem(ProblemTypes.MethodNotAllowed),
        StatusCodes.Status413PayloadTooLarge => new Problem(ProblemTypes.BodyTooLarge),
        StatusCodes.Status415UnsupportedMediaType => new Problem(ProblemTypes.UnsupportedMediaType),
        >= 500 => new Problem(ProblemTypes.InternalError) { Status = http.Response.StatusCode },
        var status => new Problem(ProblemTypes.MalformedRequest) { Status = status },
    }).ExecuteAsync(http);
}
