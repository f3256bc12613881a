using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

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

    [Fact]
    public async Task The_projection_goes_on_while_the_database_tidies_the_table_up_and_does_not_end_that()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await service.ProductAsync(onHand: 1);
        await service.GetUpToDateAsync("/stock/movements");
        await using var vacuum = await service.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await using var tidying = await vacuum.BeginTransactionAsync(cancellation);
        // What a vacuum holds. Whoever waits for it for a second ends it.
        await using (var hold = new NpgsqlCommand("lock table inventory.movements in share update exclusive mode", vacuum, tidying))
        {
            await hold.ExecuteNonQueryAsync(cancellation);
        }

        var id = await service.ProductAsync(onHand: 12);
        var answer = await service.GetUpToDateAsync($"/stock/movements?product={id}").WaitAsync(TimeSpan.FromSeconds(30), cancellation);

        Assert.Equal(12, answer["items"]![0]!["in"]!.GetValue<int>());
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
