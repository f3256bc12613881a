namespace Inventory.Slices.Stock;

/// <summary>The bounds of imports.</summary>
public static class ImportLimits
{
    /// <summary>The largest file, in bytes (64 MiB).</summary>
    public const int ImportBytesMax = 64 * 1024 * 1024;

    /// <summary>The longest line, in bytes of UTF-8, line breaks in quotes included (16 KiB).</summary>
    public const int ImportLineBytesMax = 16 * 1024;

    /// <summary>How many refused lines an import lists; the others are counted.</summary>
    public const int ImportRefusedListedMax = 1_000;

    /// <summary>How many imports a node receives or carries out at once; one more is answered <c>overloaded</c>.</summary>
    public const int ImportsAtOnceMax = 2;

    /// <summary>How many lines of an import are under way at once.</summary>
    public const int ImportLinesInFlightMax = 256;

    /// <summary>How many lines are carried out before an import's progress is written.</summary>
    public const int ImportLinesPerStepMax = 4_096;
}
