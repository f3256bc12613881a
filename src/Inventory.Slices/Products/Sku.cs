using System.Text.RegularExpressions;

namespace Inventory.Slices.Products;

/// <summary>The rules of a stock keeping unit: 1 to 64 ASCII letters, digits, dots, underscores and hyphens, a letter or digit first.</summary>
public static partial class Sku
{
    /// <summary>What is allowed, for people.</summary>
    public const string Rule = "1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-', starting with a letter or a digit";

    /// <summary>Whether a text may be a stock keeping unit.</summary>
    public static bool IsAllowed(string text) => Pattern().IsMatch(text);

    /// <summary>The form in which two of them are compared: "w-1" and "W-1" name the same product.</summary>
    public static string Key(string sku) => sku.ToUpperInvariant();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
