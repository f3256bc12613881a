using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.Tests.Hosting;
using Npgsql;

namespace Inventory.Tests.Processes;

public sealed class TwoNodeReads(DatabaseServer server)
{
    private const int Products = 50;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("handling=lenient")]
    [InlineData("handling=strict, wait=30")]
    public async Task What_was_written_on_one_node_is_in_the_list_of_the_other_or_the_list_does_not_claim_it(string prefer)
    {
        var database = await server.CreateDatabaseAsync($"test_read_after_{(prefer.Contains("strict", StringComparison.Ordinal) ? "strict" : "lenient")}");
        var nodes = await Task.WhenAll(ServiceProcess.StartAsync(database), ServiceProcess.StartAsync(database));
        await using var writer = nodes[0];
        await using var reader = nodes[1];
        await CreateAsync(writer);

        var claimed = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_000), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation }, async (n, stop) =>
        {
            var written = await SellAsync(writer, n % Products, stop);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/products?search=read-{n % Products:D3}");
            request.Headers.Add("Read-After", $"{written["productId"]}@{written["version"]}");
            request.Headers.Add("Prefer", prefer);
            using var answer = await reader.Client.SendAsync(request, stop);
            var page = (await answer.Content.ReadFromJsonAsync<JsonObject>(stop))!;
            Assert.True(answer.IsSuccessStatusCode, page.ToJsonString());
            var row = page["items"]!.AsArray().SingleOrDefault(item => $"{item!["id"]}" == $"{written["productId"]}");
            var contains = row is not null && row["version"]!.GetValue<long>() >= written["version"]!.GetValue<long>();
            var upToDate = page["freshness"]!["upToDate"]!.GetValue<bool>();
            Assert.True(contains || (!upToDate && !prefer.Contains("strict", StringComparison.Ordinal)), page.ToJsonString());
            Interlocked.Add(ref claimed, contains ? 1 : 0);
        });
        Assert.True(claimed > 0);
    }

    [Fact]
    public async Task The_list_catches_up_and_never_understates_its_lag_although_the_nodes_that_write_it_are_killed()
    {
        var database = await server.CreateDatabaseAsync("test_projection_takeover");
        await using var store = NpgsqlDataSource.Create(database);
        await using var nodes = new Nodes { [0] = await ServiceProcess.StartAsync(database), [1] = await ServiceProcess.StartAsync(database) };
        await CreateAsync(nodes[0]);
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            var samples = SampleAsync(nodes, store, end.Token);
            await LoadAsync(nodes, 20_000, Cancellation);
            await CaughtUpAsync(nodes[0], store);
            await end.CancelAsync();
            await HoldAgainstTheEventsAsync(await samples, store);
        }

        // One after the other, so that whichever had the projections is killed too.
        foreach (var victim in new[] { 0, 1 })
        {
            await nodes[victim].KillAsync();
            var watch = Stopwatch.StartNew();
            await LoadAsync(new() { [0] = nodes[1 - victim] }, 500, Cancellation);
            await CaughtUpAsync(nodes[1 - victim], store);
            TestContext.Current.SendDiagnosticMessage($"Caught up {watch.Elapsed.TotalSeconds:F1} s after the kill.");
            await nodes[victim].DisposeAsync();
            nodes[victim] = await ServiceProcess.StartAsync(database);
        }

        var (code, said) = await RunAsync(database, "verify-store");
        Assert.True(code == 0, said);
        Assert.Contains("Differences  0", said, StringComparison.Ordinal);
        Assert.Contains("Behind       0", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_runs_no_projection_because_there_are_more_nodes_is_as_ready_as_the_others()
    {
        var database = await server.CreateDatabaseAsync("test_three_nodes");
        await using var nodes = new Nodes
        {
            [0] = await ServiceProcess.StartAsync(database),
            [1] = await ServiceProcess.StartAsync(database),
            [2] = await ServiceProcess.StartAsync(database),
        };
        var given = TimeProvider.System.GetTimestamp();
        foreach (var node in nodes.Values)
        {
            while (await node.Client.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation) is { IsSuccessStatusCode: false } answer)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(given) < TimeSpan.FromMinutes(1), await answer.Content.ReadAsStringAsync(Cancellation));
                await Task.Delay(100, Cancellation);
            }
        }
    }

    [Fact]
    public async Task What_a_row_says_wrongly_is_found_and_written_again_while_the_service_runs()
    {
        // More than share a transaction.
        const int Many = 250;
        var database = await server.CreateDatabaseAsync("test_rebuild");
        await using var store = NpgsqlDataSource.Create(database);
        await using var node = await ServiceProcess.StartAsync(database);
        await CreateAsync(node, Many);
        // Some creations fail, and leave what the store writes in place of what was rolled back.
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => node.Client.PostAsJsonAsync("/products", new { sku = "READ-000", name = "Again", initialQuantity = 1 }, Cancellation)));
        await LoadAsync(new() { [0] = node }, 300, Cancellation);
        await CaughtUpAsync(node, store);
        await ExecuteAsync(store, "update inventory.product_list set on_hand = on_hand + 1 where sku in ('READ-001', 'READ-002')");
        await ExecuteAsync(store, "delete from inventory.product_list where sku = 'READ-003'");
        await ExecuteAsync(store, "update inventory.movements set units_out = units_out + 1 where product_id = (select id from inventory.mt_doc_product where sku_key = 'READ-004')");
        await ExecuteAsync(store, "delete from inventory.movements where product_id = (select id from inventory.mt_doc_product where sku_key = 'READ-005')");

        var (code, said) = await RunAsync(database, "verify-store");
        Assert.NotEqual(0, code);
        Assert.True(said.Contains("Differences  5", StringComparison.Ordinal), said);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var load = LoadAsync(new() { [0] = node }, int.MaxValue, end.Token);
        foreach (var projection in new[] { "products", "movements" })
        {
            (code, said) = await RunAsync(database, "rebuild", projection);
            Assert.True(code == 0, said);
            Assert.Contains($"{Many} products were written again", said, StringComparison.Ordinal);
        }

        (code, said) = await RunAsync(database, "rebuild", "nonsense");
        Assert.True(code != 0 && said.Contains("it is products or movements", StringComparison.Ordinal), said);

        await end.CancelAsync();
        await load;
        await CaughtUpAsync(node, store);
        (code, said) = await RunAsync(database, "verify-store");
        Assert.True(code == 0, said);
    }

    [Fact]
    public async Task Readers_that_are_cut_twenty_times_get_every_version_once_and_in_order_from_either_node()
    {
        const int Changes = 5_000;
        const int Cuts = 20;
        var database = await server.CreateDatabaseAsync("test_changes");
        var nodes = await Task.WhenAll(ServiceProcess.StartAsync(database), ServiceProcess.StartAsync(database));
        await using var first = nodes[0];
        await using var second = nodes[1];
        await CreateAsync(first);
        var product = (await first.Client.GetFromJsonAsync<JsonObject>("/products/sku:READ-000", Cancellation))!["id"]!.GetValue<string>();

        var opened = new[] { new TaskCompletionSource(), new TaskCompletionSource() };
        var one = FollowAsync($"/products/{product}/changes", opened[0], data => data["version"]!.GetValue<long>() == (Changes / 2) + 1);
        var told = 0;
        var all = FollowAsync("/changes", opened[1], _ => ++told == Changes);
        await Task.WhenAll(opened.Select(o => o.Task));
        await Parallel.ForEachAsync(Enumerable.Range(0, Changes), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation },
            async (n, stop) => await SellAsync(nodes[n / 2 % 2], n % 2, stop));

        Assert.Equal(Enumerable.Range(2, Changes / 2).Select(v => (long)v), (await one).Select(data => data["version"]!.GetValue<long>()));
        var byProduct = (await all).GroupBy(data => $"{data["productId"]}").ToList();
        Assert.Equal(2, byProduct.Count);
        Assert.All(byProduct, changes => Assert.Equal(Enumerable.Range(2, Changes / 2).Select(v => (long)v), changes.Select(data => data["version"]!.GetValue<long>())));

        async Task<List<JsonNode>> FollowAsync(string path, TaskCompletionSource open, Func<JsonNode, bool> isLast)
        {
            var (seen, last) = (new List<JsonNode>(), (long?)null);
            for (var cut = 0; ; cut++)
            {
                var until = cut < Cuts ? 1 + (cut * 37 % 120) : int.MaxValue;
                await foreach (var (id, type, data) in EventStreamReader.ReadAsync(nodes[cut % 2].Client, path, last, Cancellation))
                {
                    last = id;
                    if (type == "open")
                    {
                        open.TrySetResult();
                        continue;
                    }

                    seen.Add(data);
                    if (isLast(data))
                    {
                        Assert.True(cut >= Cuts);
                        return seen;
                    }

                    if (--until == 0)
                    {
                        break;
                    }
                }
            }
        }
    }

    /// <summary>Those that run now, whichever they are at the end.</summary>
    private sealed class Nodes : ConcurrentDictionary<int, ServiceProcess>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Task.WhenAll(Values.Select(node => node.DisposeAsync().AsTask()));
    }

    private static async Task CreateAsync(ServiceProcess node, int products = Products)
    {
        for (var n = 0; n < products; n++)
        {
            using var made = await node.Client.PostAsJsonAsync("/products", new { sku = $"READ-{n:D3}", name = "Widget", initialQuantity = 1_000_000 }, Cancellation);
            Assert.Equal(201, (int)made.StatusCode);
        }
    }

    private static async Task<JsonObject> SellAsync(ServiceProcess node, int product, CancellationToken stop)
    {
        using var answer = await node.Client.PostAsJsonAsync($"/products/sku:READ-{product:D3}/adjustments", new { delta = -1, reason = "sale" }, stop);
        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>(stop))!;
        Assert.True(answer.IsSuccessStatusCode, body.ToJsonString());
        return body;
    }

    /// <summary>Sells on all nodes.</summary>
    private static async Task LoadAsync(ConcurrentDictionary<int, ServiceProcess> nodes, int commands, CancellationToken end)
    {
        try
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, commands), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = end },
                async (n, stop) => await SellAsync(nodes[n % nodes.Count], n % Products, CancellationToken.None));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    /// <summary>Reads lists from both nodes in turn, at least a thousand, and notes the newest event that was stored before each was asked for.</summary>
    private static async Task<List<(long HeadBefore, JsonObject Page)>> SampleAsync(
        ConcurrentDictionary<int, ServiceProcess> nodes, NpgsqlDataSource store, CancellationToken end)
    {
        var samples = new List<(long, JsonObject)>();
        while (!end.IsCancellationRequested || samples.Count < 1_000)
        {
            var head = await AskAsync(store, "select max(seq_id) from inventory.mt_events");
            samples.Add((head, (await nodes[samples.Count % 2].Client.GetFromJsonAsync<JsonObject>($"/products?limit=5&sort={(samples.Count % 3 == 0 ? "-sku" : "sku")}", Cancellation))!));
        }

        return samples;
    }

    /// <summary>What a list says of its age is never younger than it is: everything up to the sequence number that it names is in its rows.</summary>
    private static async Task HoldAgainstTheEventsAsync(List<(long HeadBefore, JsonObject Page)> samples, NpgsqlDataSource store)
    {
        var sequences = new Dictionary<string, List<long>>();
        await using (var command = store.CreateCommand("select stream_id::text, seq_id from inventory.mt_events order by stream_id, version"))
        await using (var reader = await command.ExecuteReaderAsync(Cancellation))
        {
            while (await reader.ReadAsync(Cancellation))
            {
                (sequences.TryGetValue(reader.GetString(0), out var known) ? known : sequences[reader.GetString(0)] = []).Add(reader.GetInt64(1));
            }
        }

        foreach (var (head, page) in samples)
        {
            var freshness = page["freshness"]!;
            var asOf = freshness["asOfSequence"]!.GetValue<long>();
            Assert.True(freshness["headSequence"]!.GetValue<long>() >= head, $"{freshness} after {head}");
            Assert.Equal(freshness["headSequence"]!.GetValue<long>() - asOf, freshness["lagEvents"]!.GetValue<long>());
            Assert.Equal(freshness["lagEvents"]!.GetValue<long>() == 0, freshness["upToDate"]!.GetValue<bool>());
            Assert.All(page["items"]!.AsArray(), row => Assert.True(
                row!["version"]!.GetValue<long>() >= sequences[$"{row["id"]}"].Count(sequence => sequence <= asOf), $"{row} is said to be of {asOf}"));
        }

        Assert.Contains(samples, sample => !sample.Page["freshness"]!["upToDate"]!.GetValue<bool>());
    }

    private static async Task CaughtUpAsync(ServiceProcess node, NpgsqlDataSource store)
    {
        JsonNode freshness;
        do
        {
            var head = await AskAsync(store, "select max(seq_id) from inventory.mt_events");
            var page = await node.Client.GetFromJsonAsync<JsonObject>("/products?limit=1", Cancellation);
            freshness = page!["freshness"]!;
            var reached = await AskAsync(store, "select coalesce(max(last_seq_id), 0) from inventory.mt_event_progression where name = 'products:All'");
            Assert.True(freshness["headSequence"]!.GetValue<long>() >= head && freshness["asOfSequence"]!.GetValue<long>() <= reached, $"{freshness} at {head}, {reached}");
            await Task.Delay(10, Cancellation);
        }
        while (!freshness["upToDate"]!.GetValue<bool>());
        // The movements are on their own way.
        while (await AskAsync(store, "select count(*) from inventory.mt_event_progression where name = 'movements:All' and last_seq_id = (select max(seq_id) from inventory.mt_events)") == 0)
        {
            await Task.Delay(10, Cancellation);
        }
    }

    private static async Task<long> AskAsync(NpgsqlDataSource store, string question)
    {
        await using var command = store.CreateCommand(question);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource store, string statement)
    {
        await using var command = store.CreateCommand(statement);
        Assert.True(await command.ExecuteNonQueryAsync(Cancellation) > 0);
    }

    private static async Task<(int Code, string Said)> RunAsync(string database, params string[] arguments)
    {
        var start = ServiceProcess.Command(arguments);
        start.Environment["ConnectionStrings__Inventory"] = database;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output + await errors);
    }
}
