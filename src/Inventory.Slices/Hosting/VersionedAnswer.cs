using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Inventory.Slices.Hosting;

/// <summary>Answers that carry a product's version as a strong <c>ETag</c> (RFC 9110, section 8.8.3).</summary>
public static class VersionedAnswer
{
    /// <summary>The entity tag of a version.</summary>
    public static string ETag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Answers a read: 304 when <c>If-None-Match</c> names the version (RFC 9110, section 13.1.2), else the state.</summary>
    public static IResult Read<T>(HttpRequest request, long version, T state)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.HttpContext.Response.Headers.ETag = ETag(version);
        return IsKnown(request.Headers.IfNoneMatch, version)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Json(state, HttpJson.Options);
    }

    // If-None-Match compares weakly, and a malformed value can only cost a transfer, so the framework's parser will do.
    private static bool IsKnown(StringValues ifNoneMatch, long version) =>
        EntityTagHeaderValue.TryParseList(ifNoneMatch, out var tags)
        && tags.Any(tag => tag.Tag == "*" || tag.Tag == ETag(version));
}
