using Wolverine.Http;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Tells callers who they are here. A token is made for the service, and only the service says what it makes of it (RFC 9068, section 6): the page asks this,
/// and reads no token.
/// </summary>
public static class CallerEndpoint
{
    [WolverineGet("/caller")]
    [Shows("Say who you are to the service, what you may do, and until when", typeof(CallerView))]
    public static IResult Get(HttpContext http, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(http);
        string? fault = null;
        var actor = Actors.Of(http.Request, ref fault);
        if (fault is not null)
        {
            return Problem.Malformed(fault);
        }

        var open = !Access.IsConfigured(configuration);
        var scopes = Enum.GetValues<Scope>().Where(scope => scope != Scope.None && (open || Access.Covers(http.User, scope))).Select(Scopes.NameOf);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(new CallerView(actor, [.. scopes], Access.EndOfToken(http.User)), HttpJson.Options);
    }
}

/// <summary>Who somebody is to the service.</summary>
/// <param name="Actor">The name that history gives them: the subject of their token, or what their Actor header says.</param>
/// <param name="Scopes">What they may do, each scope by its name; all of it where no authentication is configured.</param>
/// <param name="TokenEndsAt">When their token ends; null where none is needed.</param>
public sealed record CallerView(string Actor, IReadOnlyList<string> Scopes, DateTimeOffset? TokenEndsAt);
