using Inventory.Slices.Cli.Store;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Spectre.Console;

namespace Inventory.Tests.Cli;

/// <summary>What the verbs do that go through every product's stream.</summary>
public sealed class StoreWalks(Service service) : IClassFixture<Service>
{
    private const int Pairs = 1_200;

    [Fact]
    public async Task Verifying_keeps_no_more_reservations_than_are_open_and_finds_those_that_differ()
    {
        var id = await service.ProductAsync(onHand: 10);
        // More than are compared at a time.
        await service.AppendAsync(id, [.. Enumerable.Range(0, Pairs).SelectMany(n => new object[]
        {
            new StockReserved(Of(n), 1, DateTimeOffset.UnixEpoch, null), new ReservationReleased(Of(n), 1),
        })]);
        await service.AppendAsync(id, new StockReserved(Of(Pairs), 1, DateTimeOffset.UnixEpoch, null));

        var fine = await VerifyAsync();
        Assert.Empty(fine.Differences);
        Assert.InRange(fine.ReservationsKeptMax, 1, 1_001);

        await SpoilAsync($"update inventory.reservations set quantity = 2 where id in ('{Of(3)}', '{Of(Pairs)}')");
        await SpoilAsync($"delete from inventory.reservations where id = '{Of(4)}'");
        await SpoilAsync("insert into inventory.reservations select gen_random_uuid(), product_id, 7, status, expires_at, reference, committed_quantity,"
            + $" opened_by, opened_at, closed_by, closed_at from inventory.reservations, generate_series(1, 2) where id = '{Of(5)}'");
        Assert.Equal(
            [$"{id} 1 reservations that no event opened", .. new[] { 3, 4, Pairs }.Select(n => $"{id} reservation {Of(n)}").Order(StringComparer.Ordinal)],
            (await VerifyAsync()).Differences.Select(difference => difference.Split(':')[0]).Order(StringComparer.Ordinal));
    }

    private static Guid Of(int n) => new($"00000000-0000-0000-0000-{n:D12}");

    private async Task<StoreVerification> VerifyAsync()
    {
        var verification = new StoreVerification();
        var walk = new StoreWalk(service.Store, service.Host.Services.GetRequiredService<NpgsqlDataSource>());
        await verification.RunAsync(walk, new ProgressTask(1, "Verifying", 1));
        return verification;
    }

    private async Task SpoilAsync(string sql)
    {
        await using var command = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
