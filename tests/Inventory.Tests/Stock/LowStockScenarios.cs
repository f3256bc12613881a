using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Stock;

public sealed class LowStockScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Products_come_and_go_with_their_stock_page_by_page()
    {
        var ids = new List<Guid>();
        for (var n = 0; n < 5; n++)
        {
            ids.Add(await service.ProductAsync(onHand: n));
            await service.AppendAsync(ids[^1], new ReorderPointSet(2, null));
        }

        Assert.Equal(ids.Take(3).Select(id => id.ToString()), await LowAsync());
        await service.AppendAsync(ids[1], new StockAdjusted(2, "receipt", null));
        await service.AppendAsync(ids[4], new StockAdjusted(-2, "sale", null));
        await service.AppendAsync(ids[0], new ProductDiscontinued(null));
        Assert.Equal([ids[2].ToString(), ids[4].ToString()], await LowAsync());

        async Task<List<string>> LowAsync()
        {
            var (found, path) = (new List<string>(), "/stock/low?limit=2");
            while (path is not null)
            {
                var page = await service.GetAfterAsync(path, [.. ids]);
                found.AddRange(page.Items("id"));
                path = page["next"] is { } next ? $"/stock/low?limit=2&cursor={next}" : null;
            }

            return found;
        }
    }

    [Theory]
    [InlineData("limit=x")]
    [InlineData("cursor=x")]
    public async Task What_is_malformed_is_refused(string query) => (await service.GetAsync($"/stock/low?{query}")).IsProblem(400, "malformed-request");
}
