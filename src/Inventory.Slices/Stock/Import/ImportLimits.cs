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

    /// <summary>How many files a node receives at once; one more is answered <c>overloaded</c>.</summary>
    public const int UploadsAtOnceMax = 16;

    /// <summary>The least rate at which a file has to come, in bytes a second, after <see cref="UploadSlowSecondsMax"/> (16 KiB).</summary>
    public const int UploadBytesPerSecondMin = 16 * 1024;

    /// <summary>How long a file may come more slowly, in seconds.</summary>
    public const int UploadSlowSecondsMax = 10;

    /// <summary>How long a file that has come waits until a node has room to carry it out, in seconds; then it is answered <c>overloaded</c>.</summary>
    public const int ImportWaitSecondsMax = 30;

    /// <summary>How many lines of an import are under way at once.</summary>
    public const int ImportLinesInFlightMax = 256;

    /// <summary>How many lines are carried out before an import's progress is written.</summary>
    public const int ImportLinesPerStepMax = 4_096;
}
