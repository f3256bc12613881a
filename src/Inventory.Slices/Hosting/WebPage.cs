using Microsoft.Net.Http.Headers;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Serves the page for people: files, as they lie in <c>wwwroot</c>. They are no routes of the service, so they stand before routing, and what is no file
/// goes on to it.
/// </summary>
public static class WebPage
{
    /// <summary>
    /// What the page may do (W3C, "Content Security Policy Level 3"): load from and talk to this service only, run no script and no style that is not a file
    /// of it, and make no markup of text.
    /// </summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>The addresses that are not the names of files.</summary>
    private static readonly Dictionary<string, string> Pages = new(StringComparer.Ordinal) { ["/"] = "/index.html", ["/lab"] = "/lab.html" };

    /// <summary>Before routing.</summary>
    public static void UseWebPage(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.Use(static (http, next) =>
        {
            if (HttpMethods.IsGet(http.Request.Method) && Pages.TryGetValue(http.Request.Path.Value ?? "", out var file))
            {
                http.Request.Path = file;
            }

            return next(http);
        });
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = static answer => Guard(answer.Context.Response.Headers) });
    }

    private static void Guard(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers[HeaderNames.XContentTypeOptions] = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // Ask each time whether it is still the same: the files of one version of the service belong together.
        headers.CacheControl = "no-cache";
    }
}
