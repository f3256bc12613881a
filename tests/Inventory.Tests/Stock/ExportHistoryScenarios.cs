using System.Text.RegularExpressions;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Stock;

public sealed class ExportHistoryScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Everything_that_happened_is_told_with_the_stock_after_it_and_no_cell_is_a_formula()
    {
        var id = await service.ProductAsync(onHand: 10, "=Widgit");
        await service.AppendAsync(id, new StockAdjusted(-3, "sale, \"big\"", "SO-1"), "ann");
        await service.AppendAsync(id, new ProductRenamed("+Widget", "=Widgit"), "-bob");
        await service.AppendAsync(id, new StockAdjusted(5, "receipt", null), "ann");

        var answer = await service.GetAsync($"/products/{id}/history.csv");

        Assert.Equal((200, "text/csv; charset=utf-8; header=present"), (answer.Status, answer.ContentType));
        var lines = answer.Text.Split("\r\n");
        Assert.Equal("version,at,event,in,out,onHand,reserved,name,summary,actor", lines[0]);
        Assert.Equal(
            [
                "1,ProductCreated,10,,10,0,'=Widgit,\"created as “=Widgit” (SKU)",
                "2,StockAdjusted,,3,7,0,'=Widgit,\"−3 (sale, \"\"big\"\" SO-1), 7 on hand\",ann",
                "3,ProductRenamed,,,7,0,'+Widget,“=Widgit” → “+Widget”,'-bob",
                "4,StockAdjusted,5,,12,0,'+Widget,\"'+5 (receipt), 12 on hand\",ann",
            ],
            lines[1..^1].Select(line => string.Join(',', line.Split(',').Where((_, column) => column != 1))).Select(Told));
        Assert.True(DateTimeOffset.TryParse(lines[1].Split(',')[1], null, out var at) && at.Offset == TimeSpan.Zero);
    }

    /// <summary>The line without what differs from run to run: the number in the SKU, and the actor who created the product.</summary>
    private static string Told(string line) => Regex.Replace(line, @"\(SKU-\d+\).*", "(SKU)");

    [Fact]
    public async Task A_history_of_more_than_one_page_is_sent_whole()
    {
        var id = await service.ProductAsync(onHand: 0);
        await service.AppendAsync(id, [.. Enumerable.Repeat(new StockAdjusted(1, "receipt", null), 2_500)]);

        var lines = (await service.GetAsync($"/products/{id}/history.csv")).Text.Split("\r\n")[1..^1];

        Assert.Equal(Enumerable.Range(1, 2_501).Select(n => $"{n} {n - 1}"), lines.Select(line => $"{line.Split(',')[0]} {line.Split(',')[5]}"));
    }

    [Theory]
    [InlineData("/products/019c2a5e-7f00-7000-8000-00000000dead/history.csv", 404, "product-not-found")]
    [InlineData("/products/7/history.csv", 400, "malformed-request")]
    public async Task A_product_that_is_not_there_has_no_history(string path, int status, string slug) => (await service.GetAsync(path)).IsProblem(status, slug);
}
