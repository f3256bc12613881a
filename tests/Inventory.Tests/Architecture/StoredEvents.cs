using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Architecture;

public sealed class StoredEvents(Service service) : IClassFixture<Service>
{
    private static readonly Guid Reservation = new("019c2a5e-7f00-7000-8000-000000000002");

    [Fact]
    public async Task The_stored_form_of_every_event_never_changes()
    {
        object[] examples =
        [
            new ProductCreated("W-1", "Café “Widget”", 100), new ProductRenamed("Widget", "Widgit"),
            new StockAdjusted(-5, "sale", "SO-17"), new StockAdjusted(5, "receipt", null),
            new StockCounted(7, 10, "inventory"), new StockCounted(7, 10, null), new ReorderPointSet(3, null), new ReorderPointSet(null, 3),
            new StockReserved(Reservation, 4, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "SO-17"),
            new StockReserved(Reservation, 4, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), null),
            new ReservationCommitted(Reservation, 3, 1), new ReservationReleased(Reservation, 4), new ReservationExpired(Reservation, 4),
            new ProductDiscontinued("end of line"), new ProductDiscontinued(null), new ProductReinstated(),
        ];
        Assert.Equal(ProductEventTypes.All.ToHashSet(), examples.Select(e => e.GetType()).ToHashSet());
        var id = await service.ProductAsync();
        await service.AppendAsync(id, examples);

        await using var command = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select type, data::text from inventory.mt_events where stream_id = $1 and version > 1 order by version");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var stored = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            stored.Add($"{reader.GetString(0)} {reader.GetString(1)}");
        }

        Approval.Matches(string.Join('\n', stored), "events.txt");
    }
}
