using System.Globalization;
using System.Text;

namespace Inventory.Slices.Products;

/// <summary>The form in which names and SKUs are searched and sorted: without case and accents, so that “cafe” finds “Café”.</summary>
public static class SearchText
{
    // Letters of their own right that Unicode does not take apart, as people write them when they have no such key.
    private static readonly Dictionary<char, string> Spelled = new()
    {
        ['ß'] = "ss",
        ['æ'] = "ae",
        ['œ'] = "oe",
        ['ø'] = "o",
        ['đ'] = "d",
        ['ð'] = "d",
        ['ħ'] = "h",
        ['ı'] = "i",
        ['ł'] = "l",
        ['þ'] = "th",
    };

    /// <summary>A text in that form.</summary>
    public static string Fold(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormKD).ToLowerInvariant())
        {
            if (Spelled.TryGetValue(c, out var spelled))
            {
                folded.Append(spelled);
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark)
            {
                folded.Append(c);
            }
        }

        return folded.ToString();
    }
}
