using System.Reflection;
using System.Text.Json.Nodes;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Insight;

public sealed class ConflictPoliciesScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Every_command_is_listed_with_what_it_declares()
    {
        var answer = await service.GetAsync("/conflict-policies");

        Assert.Equal((200, "application/json; charset=utf-8"), (answer.Status, answer.ContentType));
        Assert.Equal(ProductEventTypes.Later.Select(e => e.Name), Names(answer["events"]));
        var declared = typeof(Program).Assembly.GetTypes().Where(type => type.IsDefined(typeof(OnConflictAttribute))).ToList();
        Assert.Equal(declared.Select(type => type.Name).Order(StringComparer.Ordinal), answer["commands"]!.AsArray().Select(row => row!["name"]!.GetValue<string>()));
        Assert.All(declared, type =>
        {
            var (row, policy) = (Row(answer, type.Name), type.GetCustomAttribute<OnConflictAttribute>()!);
            Assert.Equal(policy.ClashesWith.Select(e => e.Name).ToHashSet(), Names(row["clashesWith"]).ToHashSet());
            Assert.Equal(policy.CompatibleWith.Select(e => e.Name).ToHashSet(), Names(row["compatibleWith"]).ToHashSet());
            Assert.EndsWith(".", row["answer"]!.GetValue<string>(), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("AdjustStock", "Merge", false, false)]
    [InlineData("RenameProduct", "Reject", false, true)]
    [InlineData("CreateProduct", "Reject", true, false)]
    public async Task A_caller_learns_whether_it_has_to_name_a_version(string command, string policy, bool startsStream, bool needsVersion)
    {
        var row = Row(await service.GetAsync("/conflict-policies"), command);

        Assert.Equal(
            (policy, startsStream, needsVersion),
            (row["policy"]!.GetValue<string>(), row["startsStream"]!.GetValue<bool>(), row["needsVersion"]!.GetValue<bool>()));
    }

    private static JsonNode Row(HttpAnswer answer, string command) =>
        Assert.Single(answer["commands"]!.AsArray(), row => row!["name"]!.GetValue<string>() == command)!;

    private static IEnumerable<string> Names(JsonNode? names) => names!.AsArray().Select(name => name!.GetValue<string>());
}
