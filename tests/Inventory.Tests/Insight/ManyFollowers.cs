using Inventory.Slices.Insight;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Insight;

/// <summary>What is read for those who follow a product does not grow with how many they are.</summary>
public sealed class ManyFollowers(Service service) : IClassFixture<Service>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Five_hundred_who_follow_one_product_cost_one_read_of_its_changes()
    {
        var id = await service.ProductAsync(onHand: 10);
        var readers = new List<IAsyncEnumerator<(long Id, string Type, System.Text.Json.Nodes.JsonNode Data)>>();
        try
        {
            for (var n = 0; n < new LiveUpdatesOptions().ReadersMax; n++)
            {
                var client = service.Host.Server.CreateClient();
                readers.Add(EventStreamReader.ReadAsync(client, $"/products/{id}/changes", null, Cancellation)
                    .GetAsyncEnumerator(Cancellation));
            }

            await Task.WhenAll(readers.Select(reader => reader.MoveNextAsync().AsTask()));
            Assert.All(readers, reader => Assert.Equal("open", reader.Current.Type));
            using var statements = new Statements(service);

            await service.AppendAsync(id, new StockAdjusted(-3, "sale", "SO-1"), "ann");
            await Task.WhenAll(readers.Select(reader => reader.MoveNextAsync().AsTask()));

            Assert.All(readers, reader => Assert.Equal((2, "StockAdjusted"), (reader.Current.Id, reader.Current.Type)));
            Assert.All(readers, reader => Assert.Equal("−3 (sale SO-1), 7 on hand", $"{reader.Current.Data["summary"]}"));
            // The projections read the events too, and the append itself names the table.
            Assert.InRange(statements.With("mt_events"), 1, 25);
        }
        finally
        {
            foreach (var reader in readers)
            {
                await reader.DisposeAsync();
            }
        }
    }
}
