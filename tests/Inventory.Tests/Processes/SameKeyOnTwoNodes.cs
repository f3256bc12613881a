using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Processes;

/// <summary>
/// One request under one key reaches two nodes at the same instant, with any condition. It takes effect once, and each caller
/// gets the first answer, or is told that it is being executed. <c>INVENTORY_SAME_KEY=1000</c> says how often of each kind.
/// </summary>
public sealed class SameKeyOnTwoNodes(DatabaseServer server)
{
    private static readonly int Times =
        int.Parse(Environment.GetEnvironmentVariable("INVENTORY_SAME_KEY") ?? "25", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Everybody_is_told_the_one_answer_that_became_true()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var database = await server.CreateDatabaseAsync("test_same_key");
        var nodes = await Task.WhenAll(ServiceProcess.StartAsync(database), ServiceProcess.StartAsync(database));
        await using var first = nodes[0];
        await using var second = nodes[1];
        foreach (var kind in Kinds)
        {
            var id = await CreateAsync(first, $"KEY-{kind.Name}", cancellation);
            var version = 1L;
            for (var time = 0; time < Times; time++)
            {
                var key = $"{kind.Name}-{time}";
                var answers = await Task.WhenAll(nodes.Select(node => SendAsync(node, kind, id, version, time, key, cancellation)));
                var told = answers.Where(answer => !answer.Body.Contains("/problems/request-in-flight", StringComparison.Ordinal)).Distinct().ToList();

                Assert.True(told is [{ Status: 200 or 201 }], $"{kind.Name}, time {time}, version {version}: {string.Join("\n", answers)}");
                version += kind.Appends;
                Assert.Equal(version, await VersionAsync(nodes[time % 2], id, cancellation));
            }
        }
    }

    private static IReadOnlyList<Kind> Kinds { get; } =
    [
        new("adjust-if-match", "POST", "/products/{0}/adjustments", """{"delta":1,"reason":"sale"}""", "If-Match"),
        new("adjust-seen", "POST", "/products/{0}/adjustments", """{"delta":1,"reason":"sale"}""", "Seen-Version"),
        new("adjust", "POST", "/products/{0}/adjustments", """{"delta":1,"reason":"sale"}""", null),
        new("reorder-point", "PUT", "/products/{0}/reorder-point", """{"reorderPoint":{1}}""", "If-Match"),
        new("rename-if-match", "PUT", "/products/{0}/name", """{"name":"Name {1}"}""", "If-Match"),
        new("rename-seen", "PUT", "/products/{0}/name", """{"name":"Name {1}"}""", "Seen-Version"),
        new("reserve", "POST", "/products/{0}/reservations", """{"quantity":1,"expiresInSeconds":3600}""", "If-Match"),
        new("order", "POST", "/adjustments", """{"lines":[{"productId":"{0}","delta":1}],"reason":"delivery"}""", null),
        new("create", "POST", "/products", """{"sku":"NEW-{1}","name":"New","initialQuantity":1}""", null) { Appends = 0 },
        new("import", "POST", "/imports", "sku,quantity,reason,reference\nKEY-import,1,delivery,D-{1}\n", null) { ContentType = "text/csv" },
    ];

    private static async Task<(int Status, string Body)> SendAsync(
        ServiceProcess node, Kind kind, Guid id, long version, int time, string key, CancellationToken cancellation)
    {
        string Filled(string text) => text
            .Replace("{0}", id.ToString(), StringComparison.Ordinal).Replace("{1}", time.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(kind.Method), Filled(kind.Path));
        request.Content = new StringContent(Filled(kind.Body), Encoding.UTF8, kind.ContentType);
        request.Headers.Add("Idempotency-Key", key);
        if (kind.Condition is { } condition)
        {
            request.Headers.TryAddWithoutValidation(condition, condition == "If-Match" ? $"\"{version}\"" : $"{version}");
        }

        using var answer = await node.Client.SendAsync(request, cancellation);
        var body = await answer.Content.ReadAsStringAsync(cancellation);
        // An import is looked at: what it tells of itself, such as when it was begun and how far it is, goes on.
        return kind.ContentType == "text/csv" && answer.IsSuccessStatusCode ? (200, "") : ((int)answer.StatusCode, body);
    }

    private static async Task<Guid> CreateAsync(ServiceProcess node, string sku, CancellationToken cancellation)
    {
        using var answer = await node.Client.PostAsJsonAsync("/products", new { sku, name = "Any", initialQuantity = 100_000 }, cancellation);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(cancellation))!["productId"]!.GetValue<Guid>();
    }

    private static async Task<long> VersionAsync(ServiceProcess node, Guid id, CancellationToken cancellation) =>
        (await node.Client.GetFromJsonAsync<JsonObject>($"/products/{id}", cancellation))!["version"]!.GetValue<long>();

    /// <summary>A kind of request.</summary>
    private sealed record Kind(string Name, string Method, string Path, string Body, string? Condition)
    {
        public string ContentType { get; init; } = "application/json";

        /// <summary>How many events the product gets by it.</summary>
        public int Appends { get; init; } = 1;
    }
}
