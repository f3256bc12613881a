using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Architecture;

public sealed class StoredEvents(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task The_stored_form_of_every_event_never_changes()
    {
        object[] examples =
        [
            new ProductCreated("W-1", "Café “Widget”", 100), new ProductRenamed("Widget", "Widgit"),
            new StockAdjusted(-5, "sale", "SO-17"), new StockAdjusted(5, "receipt", null),
            new ProductDiscontinued("end of line"), new ProductDiscontinued(null),
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
