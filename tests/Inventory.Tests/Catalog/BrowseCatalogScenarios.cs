using Inventory.Slices.Products;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Catalog;

public sealed class BrowseCatalogScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_row_shows_the_product_and_the_version_it_reflects()
    {
        var id = await service.ProductAsync(onHand: 7, "Row Widget");
        await service.AppendAsync(id, [new StockAdjusted(-2, "sale", null), new ReorderPointSet(5, null)]);

        var answer = await service.GetAfterAsync("/products?search=row+widget", id);

        var row = Assert.Single(answer["items"]!.AsArray())!;
        Assert.Equal(
            (id.ToString(), "Row Widget", 5, 0, 5, 5, true, false, 3L),
            ($"{row["id"]}", $"{row["name"]}", row["onHand"]!.GetValue<int>(), row["reserved"]!.GetValue<int>(), row["available"]!.GetValue<int>(),
                row["reorderPoint"]!.GetValue<int>(), row["lowStock"]!.GetValue<bool>(), row["discontinued"]!.GetValue<bool>(), row["version"]!.GetValue<long>()));
        var freshness = answer["freshness"]!;
        Assert.Equal(
            freshness["headSequence"]!.GetValue<long>() - freshness["asOfSequence"]!.GetValue<long>(), freshness["lagEvents"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("cafe", "Café crème, Cafetière")]
    [InlineData("CRÈME", "Café crème")]
    [InlineData("creme café", "Café crème")]
    [InlineData("grosse", "Größe 43")]
    [InlineData("schrabue", "Schraube M4×20")]
    [InlineData("m4", "Schraube M4×20")]
    [InlineData("100%", "100% wool")]
    [InlineData("_", "under_score")]
    [InlineData("zzzz", "")]
    public async Task People_find_what_they_mean(string search, string names)
    {
        string[] all = ["Café crème", "Cafetière", "Größe 43", "Schraube M4×20", "100% wool", "1000 nails", "under_score"];
        var ids = new List<Guid>();
        foreach (var name in all)
        {
            // Made by the first of these, and there for the others: either answer names it.
            var made = await service.PostAsync("/products", new { sku = $"FIND-{ids.Count}", name, initialQuantity = 1 });
            ids.Add(Guid.Parse($"{made["productId"]}"));
        }

        var answer = await service.GetAfterAsync($"/products?search={Uri.EscapeDataString(search)}", [.. ids]);

        Assert.Equal(names.Split(", ", StringSplitOptions.RemoveEmptyEntries).Order(), answer.Items("name").Where(all.Contains).Order());
    }

    [Fact]
    public async Task The_SKU_itself_comes_first_then_what_begins_so()
    {
        var ids = new List<Guid>();
        foreach (var (sku, name) in new[] { ("RANK-10", "x"), ("RANK-1", "x"), ("OTHER-1", "rank-1 holder"), ("OTHER-2", "the rank-1 of all") })
        {
            ids.Add(Guid.Parse($"{(await service.PostAsync("/products", new { sku, name, initialQuantity = 1 }))["productId"]}"));
        }

        Assert.Equal(["RANK-1", "RANK-10", "OTHER-1", "OTHER-2"], (await service.GetAfterAsync("/products?search=rank-1", [.. ids])).Items("sku").Take(4));
    }

    [Theory]
    [InlineData("sku")]
    [InlineData("-sku")]
    [InlineData("name")]
    [InlineData("-name")]
    public async Task Pages_show_every_product_once_while_others_change_and_make_products(string sort)
    {
        var there = new List<string>();
        var last = Guid.Empty;
        for (var n = 0; n < 25; n++)
        {
            last = await service.ProductAsync(n, $"Page {n % 3} {sort}");
            there.Add(last.ToString());
        }

        var seen = new List<string>();
        var next = "";
        var page = await service.GetAfterAsync($"/products?sort={sort}&limit=7", last);
        while (true)
        {
            seen.AddRange(page.Items("id"));
            if (page["next"] is not { } cursor)
            {
                break;
            }

            next = cursor.GetValue<string>();
            await service.AppendAsync(Guid.Parse(there[seen.Count % there.Count]), new StockAdjusted(50, "receipt", null));
            last = await service.ProductAsync(1, $"Page {seen.Count % 3} late");
            page = await service.GetAfterAsync($"/products?sort={sort}&limit=7&cursor={next}", last);
        }

        Assert.Equal(there.Order(), seen.Where(there.Contains).Order());
    }

    [Fact]
    public async Task Filters_and_the_sort_by_stock_do_what_they_say()
    {
        var low = await service.ProductAsync(3, "Filter low");
        await service.AppendAsync(low, new ReorderPointSet(3, null));
        var gone = await service.ProductAsync(9, "Filter gone");
        await service.AppendAsync(gone, [new ReorderPointSet(9, null), new ProductDiscontinued(null)]);
        var fine = await service.ProductAsync(5, "Filter fine");

        Assert.Equal(["Filter low"], await NamesAsync("lowStock=true&search=filter"));
        Assert.Equal(["Filter gone"], await NamesAsync("discontinued=true&search=filter"));
        Assert.Equal(["Filter low", "Filter fine", "Filter gone"], await NamesAsync("search=filter&sort=available"));
        Assert.Equal(["Filter fine", "Filter low"], await NamesAsync("search=filter&sort=-available&discontinued=false"));

        async Task<List<string>> NamesAsync(string query) => (await service.GetAfterAsync($"/products?{query}", low, gone, fine)).Items("name");
    }

    [Theory]
    [InlineData("search=")]
    [InlineData("search=a&search=b")]
    [InlineData("sort=price")]
    [InlineData("sort=relevance")]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("cursor=nonsense")]
    [InlineData("lowStock=yes")]
    [InlineData("discontinued=1")]
    public async Task What_is_malformed_is_refused(string query) => (await service.GetAsync($"/products?{query}")).IsProblem(400, "malformed-request");

    [Fact]
    public async Task A_cursor_of_another_sort_is_refused()
    {
        var id = await service.ProductAsync();
        await service.ProductAsync();
        var page = await service.GetAfterAsync("/products?limit=1", id);
        (await service.GetAsync($"/products?limit=1&sort=name&cursor={page["next"]}")).IsProblem(400, "malformed-request");
    }
}
