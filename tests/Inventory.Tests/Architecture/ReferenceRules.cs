using System.Reflection;
using System.Text.RegularExpressions;
using Inventory.Conflicts;
using Inventory.LocalPostgres;
using Inventory.Slices.Products;

namespace Inventory.Tests.Architecture;

public sealed class ReferenceRules
{
    [Fact]
    public void A_slice_uses_no_other_slice()
    {
        var slices = SourceTree.Slices.Select(slice => (slice.Name, Code: SourceTree.Code(slice.Folder))).ToList();
        Assert.Superset(
            new HashSet<string> { "CreateProduct", "RenameProduct", "GetProduct", "AdjustStock" },
            slices.Select(slice => slice.Name).ToHashSet());

        var uses =
            from user in slices
            from used in slices
            where user.Name != used.Name
            from type in SourceTree.DeclaredTypes(used.Code)
            where Regex.IsMatch(user.Code, $@"\b{type}\b")
            // An import sends other slices' commands, a line each: that is all it does.
            where !(user.Name == "Import" && type == used.Name)
            select $"{user.Name} uses {type} of {used.Name}";
        Assert.Empty(uses);
    }

    [Fact]
    public void Type_names_are_unique_so_that_a_file_is_found_by_its_name()
    {
        var types = SourceTree.DeclaredTypes(SourceTree.Code(Path.Combine(SourceTree.Root, "src")));
        Assert.Contains("AdjustStock", types);

        var doubles = new[] { typeof(Program).Assembly, typeof(OnConflictAttribute).Assembly, typeof(LocalPostgresServer).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => !type.IsNested)
            .GroupBy(type => type.Name)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key);
        Assert.Empty(doubles);
    }

    [Fact]
    public void The_shared_kernel_uses_nothing_of_ours_but_the_notion_of_a_decision()
    {
        var code = SourceTree.Code(Path.Combine(SourceTree.Root, "src", "Inventory.Slices", "Products"));
        Assert.Contains("namespace Inventory.Slices.Products;", code, StringComparison.Ordinal);

        Assert.Equal(["using Inventory.Conflicts;"], Regex.Matches(code, @"using Inventory\.[\w.]+;").Select(m => m.Value).Distinct());
    }

    [Fact]
    public void The_mechanism_and_the_private_server_know_no_product()
    {
        Assert.Empty(OurReferences(typeof(OnConflictAttribute).Assembly));
        Assert.Empty(OurReferences(typeof(LocalPostgresServer).Assembly));
        Assert.NotEmpty(OurReferences(typeof(Program).Assembly));
    }

    /// <summary>Its tests would prove nothing about the mechanism if they had help from the service.</summary>
    [Fact]
    public void The_second_aggregate_uses_the_mechanism_and_nothing_of_the_service()
    {
        var code = SourceTree.Code(Path.Combine(SourceTree.Root, "tests", "Inventory.Tests", "SecondAggregate"));
        Assert.Contains("AddConflictsOf<Concert, ConcertAnswers>()", code, StringComparison.Ordinal);

        Assert.DoesNotContain("Inventory.Slices", code, StringComparison.Ordinal);
        Assert.Equal(
            ["Inventory.Conflicts", "Inventory.Tests.Hosting"],
            Regex.Matches(code, @"using (?:\w+ = )?(Inventory\.[\w.]+?)(?:\.Answer)?;").Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));
        var ofTheTests = SourceTree.DeclaredTypes(SourceTree.Code(Path.Combine(SourceTree.Root, "tests", "Inventory.Tests", "Hosting")));
        Assert.Equal(["DatabaseServer", "StagedRace"], ofTheTests.Where(type => type != "Answer" && Regex.IsMatch(code, $@"\b{type}\b")));
    }

    [Fact]
    public void Every_event_type_is_listed()
    {
        var declared = SourceTree.DeclaredTypes(File.ReadAllText(
            Path.Combine(SourceTree.Root, "src", "Inventory.Slices", "Products", "ProductEvents.cs")));
        Assert.Contains(nameof(StockAdjusted), declared);

        Assert.Equal(declared, ProductEventTypes.All.Select(type => type.Name));
    }

    private static IEnumerable<string?> OurReferences(Assembly assembly) => assembly.GetReferencedAssemblies()
        .Select(reference => reference.Name)
        .Where(name => name!.StartsWith("Inventory.", StringComparison.Ordinal));
}
