using System.Globalization;
using Inventory.Conflicts;
using Microsoft.Extensions.Primitives;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Reads <c>If-Match</c> and <c>Seen-Version</c>. The framework's parser drops malformed entity tags silently; here
/// they are refused, because a dropped condition is a lost update.
/// </summary>
public static class ConditionHeaders
{
    /// <summary>The header by which a caller says which version it decided on.</summary>
    public const string SeenVersion = "Seen-Version";

    /// <summary>Reads the precondition of a request; <paramref name="fault"/> says what is malformed.</summary>
    /// <remarks>With both headers given, <c>If-Match</c> rules; <c>Seen-Version</c> must be well-formed all the same.</remarks>
    public static Precondition Read(IHeaderDictionary headers, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var seen = ReadSeenVersion(headers[SeenVersion], out fault);
        if (fault is not null)
        {
            return Precondition.None;
        }

        return headers.IfMatch.Count > 0 ? ReadIfMatch(headers.IfMatch, out fault) : seen;
    }

    private static Precondition ReadSeenVersion(StringValues lines, out string? fault)
    {
        fault = null;
        if (lines.Count == 0)
        {
            return Precondition.None;
        }

        if (lines.Count == 1 && TryParseVersion(lines[0], out var version))
        {
            return new Precondition.Seen(version);
        }

        fault = $"{SeenVersion} takes one version, a whole number from 1, such as {SeenVersion}: 7.";
        return Precondition.None;
    }

    /// <summary>RFC 9110, section 13.1.1: <c>If-Match = "*" / #entity-tag</c>; several lines are one list (section 5.3).</summary>
    private static Precondition ReadIfMatch(StringValues lines, out string? fault)
    {
        fault = null;
        var text = string.Join(',', lines.AsEnumerable()).Trim();
        if (text == "*")
        {
            return new Precondition.AnyVersion();
        }

        var versions = new List<long>();
        var tags = 0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (!TryTakeEntityTag(ref rest, out var weak, out var opaque) || ++tags > HttpLimits.EntityTagsMax)
            {
                tags = 0;
                break;
            }

            // Strong comparison: a weak tag never matches (section 8.8.3.2). A tag this service never made cannot either.
            if (!weak && TryParseVersion(opaque, out var version))
            {
                versions.Add(version);
            }
        }

        if (tags > 0)
        {
            return new Precondition.AtVersion(versions);
        }

        fault = $"If-Match takes * or up to {HttpLimits.EntityTagsMax} entity tags in double quotes, such as If-Match: \"7\".";
        return Precondition.None;
    }

    /// <summary>Takes one entity tag and the comma after it (RFC 9110, section 8.8.3).</summary>
    private static bool TryTakeEntityTag(ref ReadOnlySpan<char> rest, out bool weak, out string opaque)
    {
        opaque = "";
        weak = rest.StartsWith("W/", StringComparison.Ordinal);
        if (weak)
        {
            rest = rest[2..];
        }

        var end = rest.IsEmpty ? -1 : rest[1..].IndexOf('"');
        if (end < 0 || rest[0] != '"' || rest.Slice(1, end).ContainsAnyExceptInRange('\x21', '\uFFFF'))
        {
            return false;
        }

        opaque = rest.Slice(1, end).ToString();
        rest = rest[(end + 2)..].TrimStart(" \t");
        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest[0] != ',')
        {
            return false;
        }

        rest = rest[1..].TrimStart(" \t");
        return !rest.IsEmpty;
    }

    private static bool TryParseVersion(string? text, out long version) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version)
        && version > 0
        && text![0] != '0';
}
