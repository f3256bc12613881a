namespace Inventory.Benchmarks;

/// <summary>Where things lie in the source tree.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The service, built as this program was.</summary>
    public static string Service { get; } = Path.Combine(
        Root, "src", "Inventory.Slices", Path.GetRelativePath(Path.Combine(Root, "tests", "Inventory.Benchmarks"), AppContext.BaseDirectory), "Inventory.Slices.dll");

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Inventory.Slices.sln"))
        ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Inventory.Slices.sln is in no folder above the program."));
}
