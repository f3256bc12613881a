using System.Text.RegularExpressions;

namespace Inventory.Tests.Architecture;

/// <summary>The source as it lies in the repository. Slices share their module's namespace, so only folders tell them apart.</summary>
internal static partial class SourceTree
{
    public static readonly string Root = FindRoot();

    /// <summary>The folders of the service that are not modules.</summary>
    private static readonly string[] NotModules = ["Products", "Hosting", "Cli", "Properties", "Internal", "bin", "obj", "wwwroot"];

    /// <summary>Every use case: its name and its folder.</summary>
    public static IReadOnlyList<(string Name, string Folder)> Slices { get; } =
    [
        .. from module in Directory.GetDirectories(Path.Combine(Root, "src", "Inventory.Slices"))
           where !NotModules.Contains(Path.GetFileName(module))
           from slice in Directory.GetDirectories(module)
           select (Path.GetFileName(slice), slice),
    ];

    /// <summary>The code below a folder, without comments.</summary>
    public static string Code(string folder) => Comments().Replace(
        string.Join('\n', Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Select(File.ReadAllText)),
        "");

    /// <summary>The names of the types that some code declares.</summary>
    public static IReadOnlyList<string> DeclaredTypes(string code) =>
        [.. Declarations().Matches(code).Select(match => match.Groups[1].Value).Distinct()];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Inventory.Slices.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comments();

    [GeneratedRegex(@"^\s*(?:public|internal|private)\s[\w\s]*\b(?:record|class|enum|interface|struct)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declarations();
}
