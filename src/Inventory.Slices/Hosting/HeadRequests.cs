using Microsoft.AspNetCore.Http.Features;

namespace Inventory.Slices.Hosting;

/// <summary>Answers HEAD as GET without the body (RFC 9110, section 9.3.2).</summary>
public static class HeadRequests
{
    private static readonly object Key = new();

    /// <summary>Whether the request came as HEAD.</summary>
    public static bool Is(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Items.ContainsKey(Key);
    }

    /// <summary>Before routing, so that the routes need not know.</summary>
    public static void UseHeadRequests(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Items[Key] = true;
            http.Request.Method = HttpMethods.Get;
            http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null, http.Features.GetRequiredFeature<IHttpResponseBodyFeature>()));
        }

        return next(http);
    });
}
