using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Marten;

namespace Inventory.Tests.Catalog;

public sealed class CreateProductScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_new_product_is_answered_with_its_location_and_version()
    {
        var answer = await service.PostAsync("/products", new { sku = "NEW-1", name = "Café", initialQuantity = 7 });

        var id = answer["productId"]!.GetValue<string>();
        Assert.Equal((201, "\"1\"", $"/products/{id}"), (answer.Status, answer.ETag, answer.Headers["Location"]));
        Assert.Equal(
            $$$"""{"productId":"{{{id}}}","version":1,"outcome":"accepted","mergedWith":[],"product":{"id":"{{{id}}}","sku":"NEW-1","name":"Café","onHand":7,"reserved":0,"available":7,"reorderPoint":null,"discontinued":false,"version":1}}""",
            answer.Text);
        Assert.Equal(answer["product"]!.ToJsonString(), (await service.GetAsync($"/products/{id}")).Json.ToJsonString());
    }

    [Fact]
    public async Task A_caller_may_choose_the_id()
    {
        var id = Guid.CreateVersion7();

        var answer = await service.PostAsync("/products", new { id, sku = "OWN-1", name = "Own", initialQuantity = 0 });

        Assert.Equal((201, $"/products/{id}"), (answer.Status, answer.Headers["Location"]));
    }

    [Fact]
    public async Task A_taken_id_is_a_conflict()
    {
        var id = await service.ProductAsync();

        var answer = await service.PostAsync("/products", new { id, sku = "OWN-2", name = "Own", initialQuantity = 0 });

        answer.IsProblem(409, "id-taken");
        Assert.Equal(id.ToString(), answer["productId"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_sku_is_unique_in_any_case()
    {
        var first = await service.PostAsync("/products", new { sku = "Case-1", name = "First", initialQuantity = 0 });

        var second = await service.PostAsync("/products", new { sku = "cASE-1", name = "Second", initialQuantity = 0 });

        second.IsProblem(409, "sku-taken");
        Assert.Equal(first["productId"]!.GetValue<string>(), second["productId"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_sku_that_is_taken_between_load_and_commit_is_a_conflict_too()
    {
        service.Race.Stage(() => service.PostAsync("/products", new { sku = "RACED-1", name = "Faster", initialQuantity = 0 }));

        var answer = await service.PostAsync("/products", new { sku = "raced-1", name = "Slower", initialQuantity = 0 });

        answer.IsProblem(409, "sku-taken");
    }

    [Fact]
    public async Task An_id_that_is_taken_between_load_and_commit_is_a_conflict_too()
    {
        var id = Guid.CreateVersion7();
        service.Race.Stage(async () =>
        {
            await using var session = service.Store.LightweightSession();
            session.LastModifiedBy = StagedRace.Competitor;
            session.Events.StartStream<Product>(id, new ProductCreated("RACED-2", "Faster", 0));
            await session.SaveChangesAsync();
        });

        var answer = await service.PostAsync("/products", new { id, sku = "RACED-3", name = "Slower", initialQuantity = 0 });

        answer.IsProblem(409, "id-taken");
    }

    [Fact]
    public async Task What_does_not_exist_yet_has_no_version_to_have_seen()
    {
        var answer = await service.PostAsync(
            "/products", new { sku = "SEEN-1", name = "Seen", initialQuantity = 0 }, ("If-Match", "*"));

        answer.IsProblem(400, "malformed-request");
    }
}
