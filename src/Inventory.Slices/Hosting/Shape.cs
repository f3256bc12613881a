using System.Globalization;
using System.Text;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Checks the fields of a request and collects what is wrong with each, so that a caller learns of all faults at once.
/// Every method gives the value in the form the domain stores.
/// </summary>
public sealed class Shape
{
    private readonly SortedDictionary<string, string> _errors = new(StringComparer.Ordinal);

    /// <summary>What is wrong, in one line, or null when all fields are fine.</summary>
    public string? Fault => _errors.Count == 0 ? null : string.Join(' ', _errors.Select(error => $"{error.Key}: {error.Value}"));

    /// <summary>The problem to answer, or null when all fields are fine.</summary>
    public Problem? Problem => Fault is { } fault ? new Problem(ProblemTypes.InvalidFields, fault).With("errors", _errors) : null;

    /// <summary>A number of whole units.</summary>
    public int Units(string field, int value, int min, int max, bool zeroAllowed = true)
    {
        if (value < min || value > max || (value == 0 && !zeroAllowed))
        {
            Fail(field, string.Create(
                CultureInfo.InvariantCulture, $"takes whole units from {min} to {max}{(zeroAllowed ? "" : ", not 0")}; it was {value}."));
        }

        return value;
    }

    /// <summary>How many there are of something.</summary>
    public void Count(string field, int count, int min, int max)
    {
        if (count < min || count > max)
        {
            Fail(field, string.Create(CultureInfo.InvariantCulture, $"takes {min} to {max}; there were {count}."));
        }
    }

    /// <summary>A time span in whole seconds.</summary>
    public int Seconds(string field, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            Fail(field, string.Create(CultureInfo.InvariantCulture, $"takes seconds from {min} to {max}; it was {value}."));
        }

        return value;
    }

    /// <summary>An id of something that is there already, in the one form that answers use.</summary>
    public Guid Id(string field, string value)
    {
        if (!Ids.TryParse(value, out var id) || id == Guid.Empty)
        {
            Fail(field, "takes an id such as 019c2a5e-7f00-7000-8000-000000000001.");
        }

        return id;
    }

    /// <summary>A stock keeping unit.</summary>
    public string Sku(string field, string value)
    {
        if (!Products.Sku.IsAllowed(value))
        {
            Fail(field, $"takes {Products.Sku.Rule}.");
        }

        return value;
    }

    /// <summary>An id that the caller may choose. The nil UUID names nothing.</summary>
    public Guid NewId(string field, Guid? value, Guid otherwise)
    {
        if (value == Guid.Empty)
        {
            Fail(field, "takes a UUID other than the nil UUID; leave it out to get a new one.");
        }

        return value ?? otherwise;
    }

    /// <summary>A line of text that may be left out.</summary>
    public string? OptionalText(string field, string? value, int runesMax) =>
        value is null ? null : Text(field, value, runesMax);

    /// <summary>
    /// A line of text: normalised to NFC and trimmed, with something to see in it, and without characters that break
    /// lines or turn the direction of what follows.
    /// </summary>
    public string Text(string field, string value, int runesMax)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!IsCharacters(value))
        {
            Fail(field, "contains half of a surrogate pair, or a code point that Unicode keeps from being a character.");
            return value;
        }

        var text = value.Normalize(NormalizationForm.FormC).Trim();
        var runes = text.EnumerateRunes().ToArray();
        if (runes.Length > runesMax)
        {
            Fail(field, string.Create(CultureInfo.InvariantCulture, $"takes at most {runesMax} characters; it has {runes.Length}."));
        }
        else if (!runes.Any(IsVisible))
        {
            Fail(field, "must not be blank.");
        }
        else if (Array.FindIndex(runes, IsForbidden) is >= 0 and var at)
        {
            Fail(field, $"contains U+{runes[at].Value:X4}, a control character; one plain line of text is allowed.");
        }

        return text;
    }

    /// <summary>Notes what is wrong with a field.</summary>
    public void Fail(string field, string fault) => _errors[field] = fault;

    /// <summary>
    /// Whether a text consists of characters: no halves of surrogate pairs, and no noncharacters (The Unicode Standard, section 23.7),
    /// one of which the framework refuses to normalise.
    /// </summary>
    internal static bool IsCharacters(string text)
    {
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done
                || (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    // Joiners are format characters too and stay allowed: emoji and several scripts need them. Bidirectional overrides
    // and isolates (UAX #9, section 2) would let one field rearrange the line it is shown in.
    private static bool IsForbidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
