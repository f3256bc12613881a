using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Inventory.Slices.Hosting;

/// <summary>What an eventually consistent answer has to contain, and how long it may take.</summary>
/// <param name="Versions">The products, and the version that each has to be at least at. A caller's own writes, as a rule.</param>
/// <param name="Wait">How long to wait for that.</param>
/// <param name="Strict">Rather no answer than one without it.</param>
public sealed record ReadAfter(IReadOnlyDictionary<Guid, long> Versions, TimeSpan Wait, bool Strict)
{
    /// <summary>The header: <c>Read-After: &lt;productId&gt;@&lt;version&gt;</c>, repeatable.</summary>
    public const string Header = "Read-After";

    /// <summary>The header of preferences (RFC 7240, section 2).</summary>
    public const string PreferHeader = "Prefer";

    /// <summary>How many products one request may name.</summary>
    public const int ReadAfterProductsMax = 100;

    /// <summary>How long a request waits when it says nothing, in seconds.</summary>
    public const int WaitSecondsDefault = 2;

    /// <summary>The longest wait, in seconds; more is taken for so much.</summary>
    public const int WaitSecondsMax = 30;

    /// <summary>Reads the headers; the problem says what is malformed. Preferences that are not known are ignored (RFC 7240, section 2).</summary>
    public static (ReadAfter After, Problem? Problem) Of(IHeaderDictionary headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var versions = new Dictionary<Guid, long>();
        foreach (var item in Items(headers[Header]))
        {
            if (item.Split('@') is not [var product, var number]
                || !Ids.TryParse(product, out var id)
                || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1)
            {
                return (new ReadAfter(versions, TimeSpan.Zero, false), Malformed());
            }

            versions[id] = Math.Max(version, versions.GetValueOrDefault(id));
        }

        if (versions.Count > ReadAfterProductsMax)
        {
            return (new ReadAfter(versions, TimeSpan.Zero, false), Malformed());
        }

        var (wait, strict) = (WaitSecondsDefault, false);
        // The first of several equal ones counts (RFC 7240, section 2).
        foreach (var preference in Items(headers[PreferHeader]).Reverse().Select(item => item.Split(';')[0].Split('=', 2, StringSplitOptions.TrimEntries)))
        {
            if (preference is ["wait", var seconds] && int.TryParse(seconds.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var given))
            {
                wait = Math.Min(given, WaitSecondsMax);
            }
            else if (preference is ["handling", var handling])
            {
                strict = handling.Trim('"') == "strict";
            }
        }

        return (new ReadAfter(versions, TimeSpan.FromSeconds(wait), strict), null);
    }

    private static IEnumerable<string> Items(StringValues lines) =>
        lines.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static Problem Malformed() => Problem.Malformed(
        $"{Header} takes up to {ReadAfterProductsMax} products with the version you saw or wrote, such as {Header}: 019c2a5e-7f00-7000-8000-000000000001@7.");
}
