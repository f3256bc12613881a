namespace Inventory.Verification.Histories;

/// <summary>How one attempt ended.</summary>
internal enum End
{
    /// <summary>It was done.</summary>
    Ok,

    /// <summary>It was surely not done by this attempt.</summary>
    Refused,

    /// <summary>Nobody knows: no answer, or one that says so.</summary>
    Unknown,
}

/// <summary>What came back.</summary>
/// <param name="End">What that means.</param>
/// <param name="Status">The HTTP status; 0 when there was no answer.</param>
internal sealed record Reply(End End, int Status)
{
    // What the service keeps a receipt of, and so answers for ever under the same key.
    private static readonly HashSet<string> Kept =
    [
        "insufficient-stock", "stock-limit-exceeded", "product-discontinued", "product-not-discontinued", "count-below-reserved", "commit-exceeds-reservation", "reservation-committed", "reservation-released", "reservation-expired",
        "sku-taken", "id-taken",
    ];

    /// <summary>The last part of the problem's type.</summary>
    public string? Problem { get; init; }

    /// <summary>The products as they were shown: of a list all rows.</summary>
    public IReadOnlyList<Shown> Shown { get; init; } = [];

    /// <summary>The products whose lines of a file were refused.</summary>
    public IReadOnlyList<Guid> RefusedLines { get; init; } = [];

    /// <summary>What a refusal says of the state that it is true of.</summary>
    public IReadOnlyList<Ground> Grounds { get; init; } = [];

    /// <summary>The changes that a conflict tells.</summary>
    public IReadOnlyList<ToldChange> Changes { get; init; } = [];

    /// <summary>The reservation that was made.</summary>
    public Guid? Reservation { get; init; }

    /// <summary>Whether it says that it was answered before.</summary>
    public bool Replayed { get; init; }

    /// <summary>A hash of the body; of commands only.</summary>
    public string? Body { get; init; }

    /// <summary>How old a list says that it is.</summary>
    public StatedLag? Lag { get; init; }

    /// <summary>Why there was no answer.</summary>
    public string? Error { get; init; }

    /// <summary>Whether this ends the matter: asked again under the same key, it is answered the same.</summary>
    public bool IsKept => End == End.Ok || (End == End.Refused && Problem is not null && Kept.Contains(Problem));
}

/// <summary>A product as an answer, a list or a table shows it.</summary>
internal sealed record Shown(Guid Product, long Version, string Name, int OnHand, int Reserved, int Available, int? ReorderPoint, bool Discontinued);

/// <summary>What a refusal claims of a product.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The version that it claims it of.</param>
/// <param name="Available">Units that it says are available.</param>
/// <param name="Requested">Units that it says were requested.</param>
internal sealed record Ground(Guid Product, long Version, int? Available = null, int? Requested = null);

/// <summary>A change as a conflict tells it.</summary>
internal sealed record ToldChange(long Version, string Event, bool Clashes);

/// <summary>How old a list says that it is.</summary>
internal sealed record StatedLag(bool UpToDate, long AsOf, long Head, long Events, long Milliseconds);
