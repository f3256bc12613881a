using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alba;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Marten;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Wolverine;

[assembly: AssemblyFixture(typeof(Inventory.Tests.Hosting.DatabaseServer))]

namespace Inventory.Tests.Hosting;

/// <summary>
/// The service as it runs, in process, on a real PostgreSQL with a database of its own. One per test class; tests keep
/// out of each other's way by making products of their own.
/// </summary>
public class Service(DatabaseServer server) : IAsyncLifetime
{
    private readonly string _database = $"test_{Guid.CreateVersion7():N}";
    private IAlbaHost? _host;
    private static Contract? _contract;
    private int _products;

    public IAlbaHost Host => _host!;

    public IDocumentStore Store => Host.Services.GetRequiredService<IDocumentStore>();

    /// <summary>Events appended by somebody else between a command's load and its commit.</summary>
    public StagedRace Race { get; } = new();

    /// <summary>What a class of tests needs otherwise than the service has it.</summary>
    protected virtual void Configure(IWebHostBuilder builder)
    {
    }

    /// <summary>The way to the database, when it is not the direct one.</summary>
    protected virtual string Way(string connectionString) => connectionString;

    public virtual async ValueTask InitializeAsync()
    {
        var connectionString = Way(await server.CreateDatabaseAsync(_database));
        _host = await AlbaHost.For<Program>(builder =>
        {
            builder.UseSetting("ConnectionStrings:Inventory", connectionString);
            builder.UseSetting("Logging:LogLevel:Default", "Warning");
            builder.ConfigureServices(services =>
            {
                // One node that owns everything at once; what several nodes do is tested with several processes.
                services.RunWolverineInSoloMode();
                services.ConfigureMarten(options => options.Listeners.Add(Race));
            });
            Configure(builder);
        });
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await server.DropDatabaseAsync(_database);
        GC.SuppressFinalize(this);
    }

    public Task<HttpAnswer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync("GET", path, null, "application/json", headers);

    public Task<HttpAnswer> PostAsync(string path, object body, params (string Name, string Value)[] headers) =>
        SendAsync("POST", path, Json(body), "application/json", headers);

    public Task<HttpAnswer> PutAsync(string path, object body, params (string Name, string Value)[] headers) =>
        SendAsync("PUT", path, Json(body), "application/json", headers);

    public async Task<HttpAnswer> SendAsync(
        string method, string path, byte[]? body, string? contentType, params (string Name, string Value)[] headers)
    {
        var result = await Host.Scenario(scenario =>
        {
            scenario.ConfigureHttpContext(http =>
            {
                var question = path.IndexOf('?', StringComparison.Ordinal);
                http.Request.Method = method;
                http.Request.Path = Uri.UnescapeDataString(question < 0 ? path : path[..question]);
                http.Request.QueryString = new(question < 0 ? "" : path[question..]);
                if (body is not null)
                {
                    http.Request.Body = new MemoryStream(body);
                    http.Request.ContentLength = body.Length;
                    http.Request.ContentType = contentType;
                }

                foreach (var (name, value) in headers)
                {
                    http.Request.Headers[name] = StringValues.Concat(http.Request.Headers[name], value);
                }
            });
            scenario.IgnoreStatusCode();
        });
        var answer = new HttpAnswer(
            result.Context.Response.StatusCode,
            result.Context.Response.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await result.ReadAsTextAsync());
        if ((await ContractAsync()).Breach(method, path, answer) is { } breach)
        {
            Assert.Fail($"{method} {path} {breach}, which the OpenAPI document does not say. It answered: {answer.Text}");
        }

        return answer;
    }

    /// <summary>The OpenAPI document; every answer is held against it.</summary>
    public async Task<Contract> ContractAsync()
    {
        _contract ??= new Contract(JsonNode.Parse(await (await Host.Scenario(scenario => scenario.Get.Url(ApiReference.DocumentPath))).ReadAsTextAsync())!);
        return _contract;
    }

    /// <summary>A new product, made through its own slice.</summary>
    public async Task<Guid> ProductAsync(int onHand = 100, string name = "Widgit")
    {
        var sku = $"SKU-{Interlocked.Increment(ref _products)}";
        var answer = await PostAsync("/products", new { sku, name, initialQuantity = onHand });
        Assert.Equal(201, answer.Status);
        return Guid.Parse(answer["productId"]!.GetValue<string>());
    }

    /// <summary>Appends an event as somebody else would on another node: past this node's gate.</summary>
    public Task AppendAsync(Guid productId, object e, string actor = StagedRace.Competitor) =>
        AppendAsync(productId, [e], actor);

    /// <inheritdoc cref="AppendAsync(Guid, object, string)"/>
    public async Task AppendAsync(Guid productId, object[] events, string actor = StagedRace.Competitor)
    {
        await using var session = Store.LightweightSession();
        session.LastModifiedBy = actor;
        var stream = await session.Events.FetchForWriting<Product>(productId);
        stream.AppendMany(events);
        await session.SaveChangesAsync();
    }

    /// <summary>The product's stream, folded here and now, with the versions of its events.</summary>
    public async Task<(Product Folded, IReadOnlyList<long> Versions)> FoldAsync(Guid productId)
    {
        await using var session = Store.QuerySession();
        var events = await session.Events.FetchStreamAsync(productId);
        return (events.Aggregate((Product?)null, (state, e) => Product.Fold(state, productId, e.Data))!, [.. events.Select(e => e.Version)]);
    }

    private static byte[] Json(object body) => Encoding.UTF8.GetBytes(body as string ?? JsonSerializer.Serialize(body));
}

/// <summary>One answer, as a caller sees it.</summary>
public sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Text)
{
    private JsonNode? _json;

    public string? ETag => Headers.GetValueOrDefault("ETag");

    public string? ContentType => Headers.GetValueOrDefault("Content-Type");

    public JsonNode Json => _json ??= JsonNode.Parse(Text)!;

    public JsonNode? this[string member] => Json[member];

    /// <summary>Asserts a problem of this type (RFC 9457), and what every problem has.</summary>
    public void IsProblem(int status, string slug)
    {
        Assert.Equal((status, $"/problems/{slug}"), (Status, this["type"]?.GetValue<string>()));
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal(status, this["status"]!.GetValue<int>());
        Assert.NotEmpty(this["detail"]!.GetValue<string>());
        Assert.NotEmpty(this["traceId"]!.GetValue<string>());
    }
}
