using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;

namespace Inventory.Tests.Stock;

/// <summary>A service that tries as long as it may: how fast the machine is, is not what is asked here.</summary>
public sealed class PatientService(DatabaseServer server) : Service(server)
{
    protected override void Configure(IWebHostBuilder builder) => builder.UseSetting("Conflicts:RetryDeadline", "00:01:00");
}

public sealed class AdjustManyScenarios(PatientService service) : IClassFixture<PatientService>
{
    [Fact]
    public async Task An_order_is_filled_as_a_whole_and_lines_of_one_product_count_together()
    {
        var (one, other) = (await service.ProductAsync(onHand: 10), await service.ProductAsync(onHand: 20));

        var answer = await OrderAsync([(one, -3), (other, -5), (one, -4)], ("Actor", "ann"));

        Assert.Equal(200, answer.Status);
        Assert.Equal("accepted", answer["outcome"]!.GetValue<string>());
        Assert.Equal(
            new[] { (one, 2, 3), (other, 2, 15) }.OrderBy(product => product.Item1),
            answer["products"]!.AsArray().Select(line => (
                line!["productId"]!.GetValue<Guid>(), line["version"]!.GetValue<int>(), line["product"]!["onHand"]!.GetValue<int>())));
        Assert.Equal((3, 15), (await OnHandAsync(one), await OnHandAsync(other)));
    }

    [Fact]
    public async Task An_order_that_cannot_be_filled_names_every_product_that_lacks_stock_and_changes_none()
    {
        var (one, other, enough) = (await service.ProductAsync(onHand: 1), await service.ProductAsync(onHand: 2), await service.ProductAsync(onHand: 100));

        var answer = await OrderAsync([(one, -3), (other, -5), (enough, -5)]);

        answer.IsProblem(422, "insufficient-stock");
        Assert.Equal(
            new[] { (one, 3, 1), (other, 5, 2) }.OrderBy(product => product.Item1),
            answer["products"]!.AsArray().Select(line => (
                line!["productId"]!.GetValue<Guid>(), line["requested"]!.GetValue<int>(), line["available"]!.GetValue<int>())));
        Assert.Equal((1, 2, 100), (await OnHandAsync(one), await OnHandAsync(other), await OnHandAsync(enough)));
    }

    [Fact]
    public async Task A_discontinued_or_unknown_product_stands_against_the_whole_order()
    {
        var (one, ended, unknown) = (await service.ProductAsync(), await service.ProductAsync(), Guid.CreateVersion7());
        await service.AppendAsync(ended, new ProductDiscontinued(null));

        (await OrderAsync([(one, -1), (ended, -1)])).IsProblem(422, "product-discontinued");
        var answer = await OrderAsync([(one, -1), (unknown, -1)]);
        answer.IsProblem(404, "product-not-found");
        Assert.Equal([unknown], answer["productIds"]!.AsArray().Select(id => id!.GetValue<Guid>()));
        Assert.Equal(100, await OnHandAsync(one));
    }

    [Theory]
    [InlineData("""{"lines":[],"reason":"order"}""", "invalid-fields")]
    [InlineData("""{"lines":[{"productId":"019c2a5e-7f00-7000-8000-000000000001","delta":0}],"reason":"order"}""", "invalid-fields")]
    [InlineData("""{"lines":[{"productId":"019c2a5e-7f00-7000-8000-000000000001","delta":1000001}],"reason":"order"}""", "invalid-fields")]
    [InlineData(
        """{"lines":[{"productId":"019c2a5e-7f00-7000-8000-000000000001","delta":1},{"productId":"019c2a5e-7f00-7000-8000-000000000001","delta":-1}],"reason":"order"}""",
        "invalid-fields")]
    [InlineData("""{"lines":[{"productId":"019c2a5e-7f00-7000-8000-000000000001","delta":1}],"reason":""}""", "invalid-fields")]
    [InlineData("""{"lines":[{"productId":"7","delta":1}],"reason":"order"}""", "malformed-request")]
    [InlineData("""{"lines":[null],"reason":"order"}""", "invalid-fields")]
    [InlineData("""{"lines":null,"reason":"order"}""", "malformed-request")]
    [InlineData("""{"reason":"order"}""", "malformed-request")]
    public async Task An_order_that_makes_no_sense_is_told(string body, string problem) =>
        (await service.PostAsync("/adjustments", body)).IsProblem(400, problem);

    [Fact]
    public async Task An_order_takes_a_hundred_products_and_no_version()
    {
        var many = Enumerable.Range(0, 101).Select(_ => (Guid.CreateVersion7(), -1)).ToArray();

        (await OrderAsync(many)).IsProblem(400, "invalid-fields");
        (await OrderAsync(many[..100])).IsProblem(404, "product-not-found");
        (await OrderAsync(many[..1], ("If-Match", "*"))).IsProblem(400, "malformed-request");
    }

    [Fact]
    public async Task An_order_that_is_sent_again_under_its_key_is_answered_as_then()
    {
        var (one, other) = (await service.ProductAsync(onHand: 10), await service.ProductAsync(onHand: 10));
        (string, string) key = ("Idempotency-Key", $"order-{one}");

        var first = await OrderAsync([(one, -3), (other, -5)], key);
        var again = await OrderAsync([(one, -3), (other, -5)], key);

        Assert.Equal((200, first.Text, "true"), (again.Status, again.Text, again.Headers["Idempotency-Replayed"]));
        Assert.Equal(7, await OnHandAsync(one));
        (await OrderAsync([(one, -4), (other, -5)], key)).IsProblem(422, "idempotency-key-reused");
    }

    [Fact]
    public async Task An_order_waits_for_whoever_holds_one_of_its_products_and_sees_what_they_left()
    {
        var (one, other) = (await service.ProductAsync(onHand: 10), await service.ProductAsync(onHand: 10));
        service.Race.Stage();
        await using var session = service.Store.LightweightSession();
        session.LastModifiedBy = StagedRace.Competitor;
        var held = await session.Events.FetchForExclusiveWriting<Product>(other, TestContext.Current.CancellationToken);
        held.AppendOne(new StockAdjusted(-9, "sale", null));

        var ordering = OrderAsync([(one, -3), (other, -5)]);
        Assert.NotSame(ordering, await Task.WhenAny(ordering, Task.Delay(200, TestContext.Current.CancellationToken)));
        await session.SaveChangesAsync(TestContext.Current.CancellationToken);

        (await ordering).IsProblem(422, "insufficient-stock");
        Assert.Equal((10, 1), (await OnHandAsync(one), await OnHandAsync(other)));
    }

    [Fact]
    public async Task Orders_that_cross_are_filled_as_wholes_or_not_at_all_and_none_ends_in_an_error()
    {
        const int Orders = 200;
        const int Products = 20;
        const int OnHand = 60;
        var ids = await Task.WhenAll(Enumerable.Range(0, Products).Select(_ => service.ProductAsync(OnHand)));
        // Up and down the products in steps of many sizes: any two of them come in either order.
        int[] steps = [1, 3, 7, 9, 11, 13, 17, 19];
        var orders = Enumerable.Range(0, Orders)
            .Select(n => Enumerable.Range(0, 2 + (n % 6)).Select(line => (Id: ids[((n * 7) + (line * steps[n % steps.Length])) % Products], Delta: -1 - ((n + line) % 3))).ToArray())
            .ToList();

        var sales = Task.WhenAll(ids.Select(id => service.PostAsync($"/products/{id}/adjustments", new { delta = -1, reason = "sale" })));
        var answers = await Task.WhenAll(orders.Select(lines => OrderAsync(lines)));

        Assert.All(answers.Concat(await sales), answer => Assert.True(answer.Status is 200 or 422, answer.Text));
        Assert.Contains(answers, answer => answer.Status == 422);
        foreach (var (id, sale) in ids.Zip(await sales))
        {
            var sold = (sale.Status == 200 ? 1 : 0) + orders.Zip(answers).Where(pair => pair.Second.Status == 200).SelectMany(pair => pair.First).Where(line => line.Id == id).Sum(line => -line.Delta);
            Assert.Equal(OnHand - sold, await OnHandAsync(id));
        }
    }

    private Task<HttpAnswer> OrderAsync((Guid Id, int Delta)[] lines, params (string, string)[] headers) => service.PostAsync(
        "/adjustments", new { lines = lines.Select(line => new { productId = line.Id, delta = line.Delta }), reason = "order", reference = "SO-1" }, headers);

    private async Task<int> OnHandAsync(Guid id) => (await service.FoldAsync(id)).Folded.OnHand;
}
