using System.Buffers;

namespace Inventory.Slices.Hosting;

/// <summary>Reads ids in the one form that answers use, so that one thing has one address.</summary>
internal static class Ids
{
    private const int Characters = 36;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>Whether a text is an id.</summary>
    /// <remarks>The framework's own parser lets spaces around it pass, and “+” or “0x” in front of each part.</remarks>
    public static bool TryParse(string? text, out Guid id)
    {
        id = default;
        return text?.Length == Characters && !text.AsSpan().ContainsAnyExcept(Allowed) && Guid.TryParseExact(text, "D", out id);
    }
}
