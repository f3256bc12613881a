using Inventory.Tests.Hosting;

namespace Inventory.Tests.Http;

public sealed class HeadScenarios(Service service) : IClassFixture<Service>
{
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
        Assert.Equal(405, (await service.SendAsync("HEAD", $"/products/{id}/adjustments", null, null)).Status);
    }
}
