namespace Inventory.Slices.Hosting;

/// <summary>
/// Text in the cells of CSV files that people open in spreadsheets, which take a cell for a formula when it begins with one of
/// some characters (OWASP, "CSV Injection").
/// </summary>
public static class CsvCell
{
    private const char Guardian = '\'';

    /// <summary>
    /// Puts an apostrophe before what could be a formula, so that it is shown as text. Apostrophes before such a character count
    /// as part of it: <see cref="Unguard"/> gives every text back.
    /// </summary>
    public static string? Guard(string? text) => IsFormula(text.AsSpan().TrimStart(Guardian)) ? Guardian + text : text;

    /// <summary>Takes the apostrophe of <see cref="Guard"/> away.</summary>
    public static string Unguard(string text) =>
        text.StartsWith(Guardian) && IsFormula(text.AsSpan().TrimStart(Guardian)) ? text[1..] : text;

    private static bool IsFormula(ReadOnlySpan<char> text) => text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..];
}
