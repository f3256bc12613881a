using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Insight;

public sealed class ConflictReportScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task It_tells_which_commands_met_which_changes_and_how_that_ended()
    {
        var id = await service.ProductAsync(name: "Contended");
        await service.AppendAsync(id, new ProductRenamed("Other", "Contended"));
        (await service.PutAsync($"/products/{id}/name", new { name = "Mine" }, ("Seen-Version", "1"))).IsProblem(409, "version-conflict");
        Assert.Equal(200, (await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" }, ("Seen-Version", "1"))).Status);

        HttpAnswer report;
        do
        {
            // Conflicts are written down after the fact.
            report = await service.GetAsync("/conflicts?hours=1");
            Assert.Equal(200, report.Status);
        }
        while (report["pairs"]!.AsArray().Count < 2);

        Assert.Equal(
            ["AdjustStock Merge ProductRenamed 1 0", "RenameProduct Reject ProductRenamed 0 1"],
            report["pairs"]!.AsArray().Select(pair => $"{pair!["command"]} {pair["policy"]} {pair["event"]} {pair["settled"]} {pair["told"]}").Order());
        Assert.Equal([$"{id} 1 1"], report["products"]!.AsArray().Select(product => $"{product!["productId"]} {product["settled"]} {product["told"]}"));
        Assert.False(report["freshness"]!["upToDate"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("721")]
    [InlineData("x")]
    public async Task What_is_malformed_is_refused(string hours) => (await service.GetAsync($"/conflicts?hours={hours}")).IsProblem(400, "malformed-request");
}
