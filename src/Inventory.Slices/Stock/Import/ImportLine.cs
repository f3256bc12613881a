namespace Inventory.Slices.Stock;

/// <summary>One line of a file: what it wants done with one product.</summary>
/// <param name="Number">Where it begins in the file; the header is line 1.</param>
/// <param name="Sku">The product, as the line writes it.</param>
internal sealed record ImportLine(int Number, string Sku)
{
    /// <summary>The product's name, in its stored form; null when the line says none.</summary>
    public string? Name { get; init; }

    /// <summary>Whether <see cref="Name"/> replaces another name; else only the SKU, where a product is called by that.</summary>
    public bool Renames { get; init; }

    /// <summary>What a product is called that the line creates; null when it cannot create one.</summary>
    public string? NameOfNew => Name ?? (Renames ? null : Sku);

    /// <summary>Units that come in; negative when they go out.</summary>
    public int Delta { get; init; }

    /// <summary>Why, in the user's words.</summary>
    public string Reason { get; init; } = "";

    /// <summary>A document it belongs to.</summary>
    public string? Reference { get; init; }

    /// <summary>What is wrong with it before anything is sent; null when nothing is.</summary>
    public string? Fault { get; init; }
}

/// <summary>How a line ended.</summary>
/// <param name="Line">The line.</param>
/// <param name="Refusal">Why it was refused; null when it was accepted.</param>
/// <param name="Replayed">Whether an earlier run had carried it out before it was broken off.</param>
internal sealed record EndedLine(ImportLine Line, string? Refusal, bool Replayed);
