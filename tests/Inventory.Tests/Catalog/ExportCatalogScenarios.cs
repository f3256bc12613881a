using System.Text;
using System.Text.RegularExpressions;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Catalog;

public sealed class ExportCatalogScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task The_catalogue_is_safe_to_open_in_a_spreadsheet_and_comes_back_as_it_was()
    {
        string[] names = ["=HYPERLINK(\"http://x\",\"y\")", "+1", "-1", "@x", "'=1", "'tis", "a, \"b\"", "Café"];
        var ids = new List<Guid>();
        foreach (var name in names)
        {
            ids.Add(await service.ProductAsync(7, name));
        }

        var answer = await service.GetAsync("/products.csv");

        Assert.Equal((200, "text/csv; charset=utf-8; header=present"), (answer.Status, answer.ContentType));
        Assert.Equal("attachment; filename=products.csv", answer.Headers["Content-Disposition"]);
        var lines = answer.Text.Split("\r\n");
        Assert.Equal("sku,name,onHand,reserved,available,reorderPoint,discontinued,version,id", lines[0]);
        lines = [.. lines.Select(line => Regex.Replace(line, @"^SKU-\d+", "SKU"))];
        Assert.Contains($"SKU,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",7,0,7,,false,1,{ids[0]}", lines);
        Assert.Contains($"SKU,'-1,7,0,7,,false,1,{ids[2]}", lines);
        Assert.Contains($"SKU,'tis,7,0,7,,false,1,{ids[5]}", lines);

        // Sent back as it is, it has nothing to say; with another name it renames, and its stock is no receipt.
        var edited = answer.Text.Replace("Café", "=Café", StringComparison.Ordinal);
        var imported = await service.SendAsync("POST", "/imports", Encoding.UTF8.GetBytes(edited), "text/csv");
        Assert.Equal(0, imported["refused"]!.GetValue<int>());
        Assert.All(ids.SkipLast(1), id => Assert.Equal([1L], service.FoldAsync(id).GetAwaiter().GetResult().Versions));
        var last = (await service.FoldAsync(ids[^1])).Folded;
        Assert.Equal(("=Café", 7, 2), (last.Name, last.OnHand, last.Version));
    }

    [Fact]
    public async Task A_catalogue_of_more_than_one_page_is_sent_whole_and_in_order()
    {
        await service.ProductAsync();
        await using (var command = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            insert into inventory.mt_doc_product (id, data, mt_version, mt_dotnet_type, sku_key)
            select made.id, p.data || jsonb_build_object('id', made.id, 'sku', made.sku, 'skuKey', made.sku), 1, p.mt_dotnet_type, made.sku
            from (select data, mt_dotnet_type from inventory.mt_doc_product limit 1) p,
                 (select gen_random_uuid() as id, 'PAGE-' || n as sku from generate_series(1, 2500) n) made
            """))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var skus = (await service.GetAsync("/products.csv")).Text.Split("\r\n").Where(line => line.StartsWith("PAGE-", StringComparison.Ordinal)).Select(line => line.Split(',')[0]).ToList();

        Assert.Equal(Enumerable.Range(1, 2_500).Select(n => $"PAGE-{n}").Order(StringComparer.Ordinal), skus.Order(StringComparer.Ordinal));
    }
}
