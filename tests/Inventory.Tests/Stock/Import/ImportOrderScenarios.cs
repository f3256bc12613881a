using System.Globalization;
using System.Text;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;

namespace Inventory.Tests.Stock;

/// <summary>A service in which hardly anybody may wait for a product.</summary>
public sealed class ServiceWithShortLines(DatabaseServer server) : Service(server)
{
    protected override void Configure(IWebHostBuilder builder) => builder.UseSetting("Conflicts:WaitingPerStreamMax", "20");
}

public sealed class ImportOrderScenarios(ServiceWithShortLines service) : IClassFixture<ServiceWithShortLines>
{
    private const int Lines = 60;

    [Fact]
    public async Task Lines_of_one_product_are_carried_out_in_the_order_of_the_file_also_when_some_have_to_be_sent_again()
    {
        var file = new StringBuilder("sku,name,quantity\nORDER-1,Widget,1\n");
        for (var n = 2; n <= Lines; n++)
        {
            file.Append(CultureInfo.InvariantCulture, $"ORDER-1,,{n}\n");
        }

        var answer = await service.SendAsync("POST", "/imports", Encoding.UTF8.GetBytes(file.ToString()), "text/csv");

        Assert.Equal((200, Lines), (answer.Status, answer["accepted"]!.GetValue<int>()));
        var id = Guid.Parse((await service.GetAsync("/products/sku:ORDER-1"))["id"]!.GetValue<string>());
        await using var session = service.Store.QuerySession();
        var events = await session.Events.FetchStreamAsync(id, token: TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, Lines), events.Select(e => e.Data).OfType<StockAdjusted>().Select(e => e.Delta));
    }
}
