using Inventory.Tests.Hosting;

namespace Inventory.Tests.Reservations;

public sealed class OpenReservationsScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Those_that_end_first_come_first_page_by_page_whatever_their_product()
    {
        var (one, other) = (await service.ProductAsync(), await service.ProductAsync());
        var late = await ReserveAsync(one, 7_200);
        var soon = await ReserveAsync(other, 1_800);
        var sooner = await ReserveAsync(one, 900);
        var closed = await ReserveAsync(other, 60);
        Assert.Equal(200, (await service.PostAsync($"/products/{other}/reservations/{closed}/release", new { })).Status);

        Assert.Equal([sooner, soon, late], await ListAsync("limit=1"));
        Assert.Equal([sooner, soon], await ListAsync("expiringWithinSeconds=3600&limit=2"));
        Assert.True((await service.GetAsync("/reservations"))["freshness"]!["upToDate"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("expiringWithinSeconds=0")]
    [InlineData("expiringWithinSeconds=2592001")]
    [InlineData("cursor=x")]
    [InlineData("cursor=ZXhwaXJlc0F0fDAxOWMyYTVlLTdmMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMXxu")]
    public async Task What_is_malformed_is_refused(string query) => (await service.GetAsync($"/reservations?{query}")).IsProblem(400, "malformed-request");

    private async Task<string> ReserveAsync(Guid product, int expiresInSeconds)
    {
        var answer = await service.PostAsync($"/products/{product}/reservations", new { quantity = 1, expiresInSeconds });
        Assert.Equal(201, answer.Status);
        return $"{answer["reservation"]!["id"]}";
    }

    private async Task<List<string>> ListAsync(string query)
    {
        var (found, page) = (new List<string>(), await service.GetAsync($"/reservations?{query}"));
        while (true)
        {
            found.AddRange(page.Items("id"));
            if (page["next"] is not { } next)
            {
                return found;
            }

            page = await service.GetAsync($"/reservations?{query}&cursor={next}");
        }
    }
}
