using System.Text.Json.Nodes;

namespace Inventory.Tests.Hosting;

/// <summary>Reads from asynchronous projections what was written before, and never waits for a time.</summary>
internal static class Projected
{
    /// <summary>The header that asks for a product as it is now.</summary>
    public static async Task<(string Name, string Value)> AfterAsync(this Service service, params Guid[] products)
    {
        var versions = await Task.WhenAll(products.Select(async id => $"{id}@{(await service.FoldAsync(id)).Versions[^1]}"));
        return ("Read-After", string.Join(", ", versions));
    }

    /// <summary>An answer that has these products as they are now.</summary>
    public static async Task<HttpAnswer> GetAfterAsync(this Service service, string path, params Guid[] products)
    {
        var answer = await service.GetAsync(path, await service.AfterAsync(products), ("Prefer", "wait=30, handling=strict"));
        Assert.Equal(200, answer.Status);
        return answer;
    }

    /// <summary>An answer that says it is up to date.</summary>
    public static async Task<HttpAnswer> GetUpToDateAsync(this Service service, string path)
    {
        while (true)
        {
            var answer = await service.GetAsync(path);
            Assert.True(answer.Status == 200, answer.Text);
            if (answer["freshness"]!["upToDate"]!.GetValue<bool>())
            {
                return answer;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A member of every item.</summary>
    public static List<string> Items(this HttpAnswer answer, string member) => [.. answer["items"]!.AsArray().Select(item => $"{item![member]}")];
}
