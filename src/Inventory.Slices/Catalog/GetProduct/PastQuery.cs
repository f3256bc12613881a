using System.Globalization;
using System.Text.RegularExpressions;
using Inventory.Slices.Hosting;

namespace Inventory.Slices.Catalog;

/// <summary>The question for a product as it was: <c>?version=5</c> or <c>?at=2026-01-02T03:04:05Z</c>.</summary>
/// <param name="Version">A version, from 1.</param>
/// <param name="At">A time (RFC 3339, section 5.6).</param>
internal sealed partial record PastQuery(long? Version, DateTimeOffset? At)
{
    /// <summary>Reads the question; null when it is about now.</summary>
    public static (PastQuery? Past, Problem? Problem) Read(IQueryCollection query)
    {
        var (version, at) = (query["version"], query["at"]);
        if (version.Count + at.Count == 0)
        {
            return (null, null);
        }

        if (version.Count == 1 && at.Count == 0
            && long.TryParse(version[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
        {
            return (new PastQuery(number, null), null);
        }

        if (at.Count == 1 && version.Count == 0 && FullTime().IsMatch(at[0]!)
            && DateTimeOffset.TryParse(at[0], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return (new PastQuery(null, time), null);
        }

        return (null, Problem.Malformed(
            "Ask for the past by one of the two: version, a number from 1, or at, a time with its offset such as 2026-01-02T03:04:05Z (in a query “+” is written %2B)."));
    }

    // The framework's parser guesses at what is missing.
    [GeneratedRegex(@"\A\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,7})?([Zz]|[+-]\d\d:\d\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex FullTime();
}
