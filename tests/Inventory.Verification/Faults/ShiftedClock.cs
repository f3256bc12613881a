using System.Globalization;

namespace Inventory.Verification.Faults;

/// <summary>Has a process see another time of day, by libfaketime (https://github.com/wolfcw/libfaketime), which it loads before anything else.</summary>
internal static class ShiftedClock
{
    // Where Debian's package has it.
    private static string? Library { get; } =
        Directory.Exists("/usr/lib") ? Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu").Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists) : null;

    /// <summary>The environment of such a process. The clock that measures how long something takes stays as it is.</summary>
    public static IEnumerable<(string Name, string Value)> Settings(TimeSpan ahead) => ahead == TimeSpan.Zero
        ? []
        :
        [
            ("LD_PRELOAD", Library ?? throw new ArgumentException("--ahead needs libfaketime: apt-get install libfaketime")),
            ("FAKETIME", string.Create(CultureInfo.InvariantCulture, $"+{(int)ahead.TotalSeconds}s")),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ];
}
