using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.Tests.Hosting;
using Inventory.Tests.Processes;
using Npgsql;

namespace Inventory.Tests.HostileInput;

/// <summary>
/// The service as a process of its own behind the real web server, and what has to hold after every bad request. One for all the
/// tables; they take turns, so that whatever is written between two looks was written by the request in between.
/// </summary>
[CollectionDefinition(nameof(ListeningService))]
public class ListeningService(DatabaseServer server) : IAsyncLifetime, ICollectionFixture<ListeningService>
{
    // What would tell a caller how the service is made.
    private static readonly string[] Internals =
        ["   at ", "Exception", "System.", "Microsoft.", "Inventory.", "Wolverine", "Marten", "Npgsql", "JasperFx", "relation \"", "SqlState"];

    private readonly string _database = $"test_{Guid.CreateVersion7():N}";
    private ServiceProcess? _process;
    private NpgsqlDataSource? _store;
    private Contract? _contract;
    private int _products;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal HttpClient Client => _process!.Client;

    internal Uri Address => Client.BaseAddress!;

    /// <summary>What a class of tests needs otherwise than the service has it.</summary>
    protected virtual string[] Arguments => [];

    /// <summary>How it is talked to.</summary>
    protected virtual void Configure(HttpClient client)
    {
    }

    public async ValueTask InitializeAsync()
    {
        var connectionString = await server.CreateDatabaseAsync(_database);
        _store = NpgsqlDataSource.Create(connectionString);
        _process = await ServiceProcess.StartAsync(connectionString, Arguments);
        Configure(Client);
        _contract = new Contract((await Client.GetFromJsonAsync<JsonNode>("/openapi/v1.json"))!);
        // The projections of a new node take a moment to begin.
        while (!(await Client.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode)
        {
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        await server.DropDatabaseAsync(_database);
        GC.SuppressFinalize(this);
    }

    /// <summary>A new product at version 1, with 100 units.</summary>
    internal async Task<Guid> ProductAsync(string name = "Widgit")
    {
        using var made = await Client.PostAsJsonAsync("/products", new { sku = $"HOSTILE-{++_products}", name, initialQuantity = 100 }, Cancellation);
        var body = await made.Content.ReadFromJsonAsync<JsonNode>(Cancellation);
        Assert.True((int)made.StatusCode == 201, $"{body}");
        return body!["productId"]!.GetValue<Guid>();
    }

    /// <summary>Sends a row, and holds everything that must hold afterwards.</summary>
    internal async Task<HttpAnswer?> HoldAgainstAsync(HostileRequest row)
    {
        var product = await ProductAsync();
        var before = await WrittenAsync();
        HttpAnswer? answer;
        using (var connection = await RawHttp.ConnectAsync(Address))
        {
            await connection.SendAsync(row.Bytes(product));
            answer = await connection.AnswerAsync();
        }

        HoldsItsForm(row, answer);
        var after = await WrittenAsync();
        Assert.Equal((row.Events, row.Events), (after.Events - before.Events, after.Receipts - before.Receipts));
        await IsHealthyAsync(product);
        return answer;
    }

    /// <summary>The service does what it is asked, and says that it is well.</summary>
    internal async Task IsHealthyAsync(Guid product)
    {
        using var sold = await Client.PostAsJsonAsync($"/products/{product}/adjustments", new { delta = -1, reason = "sale" }, Cancellation);
        Assert.True(sold.IsSuccessStatusCode, await sold.Content.ReadAsStringAsync(Cancellation));
        using var ready = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
        Assert.True(ready.IsSuccessStatusCode, await ready.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>How many events and receipts there are.</summary>
    internal async Task<(long Events, long Receipts)> WrittenAsync()
    {
        await using var command = _store!.CreateCommand("select (select count(*) from inventory.mt_events), (select count(*) from inventory.receipts)");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        await reader.ReadAsync(Cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private void HoldsItsForm(HostileRequest row, HttpAnswer? answer)
    {
        Assert.True(answer is not null, "The connection was closed without an answer.");
        if (row.Slug is { } slug)
        {
            Assert.True(answer.Status == row.Status && answer.ContentType == "application/problem+json", $"{answer.Status} {answer.ContentType}: {answer.Text}");
            answer.IsProblem(row.Status, slug);
        }
        else
        {
            Assert.True(row.Status == answer.Status, $"{answer.Status}: {answer.Text}");
            // The web server refuses without a word.
            Assert.True(answer.Status < 400 || answer.Text.Length == 0, answer.Text);
        }

        Assert.DoesNotContain(Internals, word => answer.Text.Contains(word, StringComparison.Ordinal));
        Assert.False(answer.Headers.ContainsKey("Server"));
        if (row.Raw is null && (row.Slug is not null || answer.Status < 400) && _contract!.Breach(row.Method, row.Path, answer) is { } breach)
        {
            Assert.Fail($"{row.Method} {row.Path} {breach}, which the OpenAPI document does not say. It answered: {answer.Text}");
        }
    }
}
