namespace Inventory.Slices.Stock;

/// <summary>An import as answers show it.</summary>
/// <param name="Id">Its id: the same for the same file from the same actor.</param>
/// <param name="Actor">Who sent the file.</param>
/// <param name="File">Which file it is.</param>
/// <param name="State"><c>running</c>, <c>done</c>, or <c>interrupted</c>: then sending the same file again goes on with it.</param>
/// <param name="LinesTotal">How many lines the file has; the header and blank lines do not count.</param>
/// <param name="Lines">How many of them have ended.</param>
/// <param name="Accepted">How many of those were carried out, or found the product as they wanted it.</param>
/// <param name="Refused">How many were refused.</param>
/// <param name="Replayed">How many had been carried out by a run that was broken off.</param>
/// <param name="RefusedLines">The refused lines, the first ones in the file's order.</param>
/// <param name="RefusedOmitted">How many more were refused than are listed.</param>
/// <param name="StartedAt">When it was begun first.</param>
/// <param name="EndedAt">When its last line ended; null while it has not.</param>
public sealed record ImportView(
    Guid Id, string Actor, ImportedFile File, string State, int LinesTotal, int Lines, int Accepted, int Refused, int Replayed,
    IReadOnlyList<RefusedLine> RefusedLines, int RefusedOmitted, DateTimeOffset StartedAt, DateTimeOffset? EndedAt)
{
    /// <summary>Its lines are being carried out.</summary>
    public const string Running = "running";

    /// <summary>Every line has ended.</summary>
    public const string Done = "done";

    /// <summary>It was broken off.</summary>
    public const string Interrupted = "interrupted";
}

/// <summary>What an import's file is known by.</summary>
/// <param name="Sha256">The SHA-256 of its bytes, in lower-case hexadecimal digits.</param>
/// <param name="Bytes">Its length.</param>
public sealed record ImportedFile(string Sha256, long Bytes);

/// <summary>A line that was refused.</summary>
/// <param name="Line">Where it begins in the file; the header is line 1.</param>
/// <param name="Sku">The product, as the line writes it.</param>
/// <param name="Reason">Why, and what to do about it.</param>
public sealed record RefusedLine(int Line, string Sku, string Reason);
