using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Stock;

public sealed class MovementsScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_day_tells_what_came_in_went_out_and_was_corrected()
    {
        var id = await service.ProductAsync(onHand: 10);
        var reservation = Guid.CreateVersion7();
        await service.AppendAsync(id, [
            new StockAdjusted(5, "receipt", null), new StockAdjusted(-3, "sale", null), new StockReserved(reservation, 4, TimeProvider.System.GetUtcNow().AddHours(1), null),
            new ReservationCommitted(reservation, 3, 1), new StockCounted(7, 9, null), new ProductRenamed("b", "a"),
        ]);

        var answer = await service.GetUpToDateAsync($"/stock/movements?product={id}");

        var days = answer["items"]!.AsArray();
        // The day may have ended meanwhile.
        Assert.Equal((15, 6, -2), (Sum("in"), Sum("out"), Sum("corrections")));
        Assert.Equal(6, days[0]!["version"]!.GetValue<long>());

        int Sum(string member) => days.Sum(day => day![member]!.GetValue<int>());
    }

    [Fact]
    public async Task All_products_count_together()
    {
        var before = await InAsync();
        await service.ProductAsync(onHand: 11);
        await service.ProductAsync(onHand: 22);
        Assert.Equal(before + 33, await InAsync());

        async Task<long> InAsync() => (await service.GetUpToDateAsync("/stock/movements"))["items"]!.AsArray().Sum(day => day!["in"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("from=2026-13-01", 400, "malformed-request")]
    [InlineData("from=2026-02-02&to=2026-02-01", 400, "malformed-request")]
    [InlineData("from=2020-01-01&to=2026-02-01", 400, "malformed-request")]
    [InlineData("product=sku:NONE", 404, "product-not-found")]
    [InlineData("product=019c2a5e-7f00-7000-8000-00000000dead", 404, "product-not-found")]
    public async Task What_cannot_be_answered_is_refused(string query, int status, string slug) =>
        (await service.GetAsync($"/stock/movements?{query}")).IsProblem(status, slug);
}
