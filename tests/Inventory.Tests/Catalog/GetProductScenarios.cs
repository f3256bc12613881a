using Inventory.Tests.Hosting;

namespace Inventory.Tests.Catalog;

public sealed class GetProductScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_product_is_found_by_id_and_by_sku_in_any_case()
    {
        await service.PostAsync("/products", new { sku = "Find.Me", name = "Found", initialQuantity = 3 });

        var bySku = await service.GetAsync("/products/sku:fIND.mE");
        var byId = await service.GetAsync($"/products/{bySku["id"]!.GetValue<string>()}");

        Assert.Equal((200, "\"1\"", bySku.Text), (byId.Status, byId.ETag, byId.Text));
    }

    [Theory]
    [InlineData("\"1\"", 304)]
    [InlineData("W/\"1\"", 304)]
    [InlineData("\"7\", \"1\"", 304)]
    [InlineData("*", 304)]
    [InlineData("\"2\"", 200)]
    public async Task A_version_that_the_caller_has_is_not_sent_again(string ifNoneMatch, int status)
    {
        var id = await service.ProductAsync();

        var answer = await service.GetAsync($"/products/{id}", ("If-None-Match", ifNoneMatch));

        Assert.Equal((status, "\"1\""), (answer.Status, answer.ETag));
        Assert.Equal(status == 304, answer.Text.Length == 0);
    }

    [Theory]
    [InlineData("/products/019c2a5e-7f00-7000-8000-00000000dead", 404, "product-not-found")]
    [InlineData("/products/sku:NOBODY", 404, "product-not-found")]
    [InlineData("/products/{019c2a5e-7f00-7000-8000-00000000dead}", 400, "malformed-request")]
    [InlineData("/products/00000000-0000-0000-0000-000000000000", 400, "malformed-request")]
    [InlineData("/products/019c2a5e7f00700080000000000dead0", 400, "malformed-request")]
    [InlineData("/products/sku:", 400, "malformed-request")]
    [InlineData("/products/sku:a%20b", 400, "malformed-request")]
    [InlineData("/products/7", 400, "malformed-request")]
    [InlineData("/nowhere", 404, "not-found")]
    [InlineData("/problems/nothing", 404, "not-found")]
    public async Task What_is_not_there_is_a_problem_with_a_page(string path, int status, string slug)
    {
        var answer = await service.GetAsync(path);

        answer.IsProblem(status, slug);
        var page = await service.GetAsync(answer["type"]!.GetValue<string>());
        Assert.Equal((200, "text/html; charset=utf-8"), (page.Status, page.ContentType));
        Assert.Contains("What to do", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_that_an_address_does_not_take_is_a_problem() =>
        (await service.SendAsync("DELETE", "/products", null, null)).IsProblem(405, "method-not-allowed");

    [Fact]
    public async Task Reads_at_once_are_each_answered_with_their_own_product()
    {
        var ids = new List<Guid>();
        for (var n = 0; n < 5; n++)
        {
            ids.Add(await service.ProductAsync(onHand: n));
        }

        var asked = Enumerable.Range(0, 100).Select(n => n % 7 < 5 ? ids[n % 7] : Guid.CreateVersion7()).ToList();
        var answers = await Task.WhenAll(asked.Select(id => service.GetAsync($"/products/{id}")));

        Assert.Equal(
            asked.Select(id => ids.Contains(id) ? $"200 {id} {ids.IndexOf(id)}" : "404"),
            answers.Select(answer => answer.Status == 200 ? $"200 {answer["id"]} {answer["onHand"]}" : $"{answer.Status}"));
    }

    [Fact]
    public async Task A_product_that_cannot_be_read_fails_nobody_elses_read()
    {
        var (broken, whole) = (await service.ProductAsync(), await service.ProductAsync());
        await using (var session = service.Store.LightweightSession())
        {
            session.QueueSqlCommand("update inventory.mt_doc_product set data = '{\"Id\": 7}' where id = ?", broken);
            await session.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => service.GetAsync($"/products/{(n % 2 == 0 ? broken : whole)}")));

        Assert.Equal(Enumerable.Range(0, 40).Select(n => n % 2 == 0 ? 500 : 200), answers.Select(answer => answer.Status));
    }
}
