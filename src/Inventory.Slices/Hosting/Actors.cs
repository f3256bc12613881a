namespace Inventory.Slices.Hosting;

/// <summary>
/// Says who sends a request: the subject of the caller's token. While no authentication is configured the service listens on loopback only, and
/// a caller names itself; the name is recorded, not proved.
/// </summary>
public static class Actors
{
    /// <summary>The header by which an unauthenticated caller names itself: 1 to 100 visible ASCII characters.</summary>
    public const string Header = "Actor";

    /// <summary>Who it is when nothing is said.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>The actor; a malformed name is a <paramref name="fault"/>.</summary>
    public static string Of(HttpRequest request, ref string? fault)
    {
        ArgumentNullException.ThrowIfNull(request);
        var lines = request.Headers[Header];
        if (request.HttpContext.User.FindFirst(Access.SubjectClaim)?.Value is { } subject)
        {
            if (lines.Count > 0 && lines != subject)
            {
                fault ??= $"{Header} is for callers without a token. You are {subject}: leave the header out.";
            }

            return subject;
        }

        if (lines.Count == 0)
        {
            return Anonymous;
        }

        var name = lines.ToString();
        if (lines.Count > 1 || !IsName(name))
        {
            fault ??= $"{Header} takes one name of 1 to {HttpLimits.ActorCharactersMax} visible ASCII characters.";
        }

        return name;
    }

    /// <summary>Whether somebody can be called so.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= HttpLimits.ActorCharactersMax && !name.Any(c => c is < '!' or > '~');
    }
}
