using System.Text.RegularExpressions;
using Inventory.Tests.Architecture;

namespace Inventory.Tests.Docs;

/// <summary>The C# in the documents is C# that is compiled somewhere.</summary>
public sealed partial class Samples
{
    [Theory]
    [InlineData("docs/conflicts.md", "src/Inventory.Slices/Stock/AdjustStock")]
    [InlineData("docs/http.md", "tests/Inventory.Tests/Client")]
    [InlineData("src/Inventory.Conflicts/README.md", "tests/Inventory.Tests/SecondAggregate")]
    public void Every_line_of_a_sample_is_found_in_the_code_it_is_taken_from(string document, string folder)
    {
        var code = SourceTree.Code(Path.Combine(SourceTree.Root, folder)).Split('\n').Select(line => line.Trim()).ToHashSet();
        var sample = Fences().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, document)))
            .SelectMany(fence => fence.Groups[1].Value.Split('\n'))
            .Select(line => line.Split("//")[0].Trim())
            .Where(line => line.Length > 0)
            .ToList();
        Assert.NotEmpty(sample);

        // What is left out of a line is marked.
        Assert.DoesNotContain(sample, line => line.Split('…') is [var start, _, ..] ? !code.Any(l => l.StartsWith(start, StringComparison.Ordinal)) : !code.Contains(line));
    }

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fences();
}
