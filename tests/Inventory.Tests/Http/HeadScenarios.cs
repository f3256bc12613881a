using Inventory.Slices.Hosting;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Inventory.Tests.Http;

public sealed class HeadScenarios(Service service) : IClassFixture<Service>
{
    private static readonly string[] Columns = ["sku"];

    [Fact]
    public async Task HEAD_answers_as_GET_does_without_the_body()
    {
        var id = await service.ProductAsync();
        foreach (var path in new[] { $"/products/{id}", "/products", "/stock/low", "/openapi/v1.json", "/products/sku:NONE", "/nowhere", "/health/live", $"/products/{id}/changes", "/changes" })
        {
            var head = await service.SendAsync("HEAD", path, null, null);
            Assert.Equal("", head.Text);
            if (!path.EndsWith("changes", StringComparison.Ordinal))
            {
                var get = await service.GetAsync(path);
                Assert.Equal((path, get.Status, get.ContentType, get.ETag), (path, head.Status, head.ContentType, head.ETag));
            }
        }

        Assert.Equal(304, (await service.SendAsync("HEAD", $"/products/{id}", null, null, ("If-None-Match", "\"1\""))).Status);
        Assert.Equal("\"", (await service.SendAsync("HEAD", "/openapi/v1.json", null, null)).ETag![..1]);
        Assert.Equal(405, (await service.SendAsync("HEAD", $"/products/{id}/adjustments", null, null)).Status);
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", false)]
    public async Task HEAD_of_a_file_makes_no_rows(string method, bool made)
    {
        var asked = false;
        var pipeline = new ApplicationBuilder(service.Host.Services);
        pipeline.UseHeadRequests();
        pipeline.Run(http => new CsvAnswer("stock.csv", Columns, RowsAsync(), new Exports()).ExecuteAsync(http));
        var http = new DefaultHttpContext { Request = { Method = method }, Response = { Body = new MemoryStream() } };

        await pipeline.Build()(http);

        Assert.Equal((made, "text/csv; charset=utf-8; header=present"), (asked, http.Response.ContentType));

        async IAsyncEnumerable<IReadOnlyList<object?>> RowsAsync()
        {
            asked = true;
            await Task.CompletedTask;
            yield return ["W-1"];
        }
    }
}
