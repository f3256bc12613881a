using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.Benchmarks.Load;
using Npgsql;

namespace Inventory.Benchmarks.Peers;

/// <summary>The service itself, as processes of its own in production mode, on a database of its own.</summary>
internal sealed class ServicePeer : IAsyncDisposable
{
    private const string Sale = """{"delta":-1,"reason":"sale"}""";

    private const string Promise = """{"quantity":1,"expiresInSeconds":2592000}""";

    private readonly List<WebService> _nodes = [];
    private readonly string _connectionString;

    private ServicePeer(string connectionString) => _connectionString = connectionString;

    /// <summary>One product's path.</summary>
    public string Hot { get; private set; } = "";

    /// <summary>A thousand products' paths.</summary>
    public string[] Spread { get; private set; } = [];

    /// <summary>Starts one node and makes its products.</summary>
    public static async Task<ServicePeer> StartAsync(string connectionString)
    {
        var peer = new ServicePeer(connectionString);
        await peer.AddNodeAsync();
        peer.Hot = await peer.CreateAsync("HOT");
        var spread = new string[1_000];
        await Parallel.ForEachAsync(Enumerable.Range(0, spread.Length), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, _) =>
            spread[n] = await peer.CreateAsync($"SPREAD-{n}"));
        peer.Spread = spread;
        return peer;
    }

    /// <summary>Starts one more node on the same database.</summary>
    public async Task AddNodeAsync() => _nodes.Add(await Child.ServeAsync([Repository.Service], _connectionString));

    /// <summary>Sells one unit at a time, over all nodes together.</summary>
    public Task<LoadResult> SellAsync(string[] products, int callers, double warmUpSeconds, double seconds) =>
        MeasureAsync(Sales(products, callers, warmUpSeconds, seconds), eventsEach: 1);

    /// <summary>Reserves one unit of the hot product and commits the reservation, again and again, over all nodes together.</summary>
    public Task<LoadResult> ReserveAsync(int callers, double warmUpSeconds, double seconds) =>
        MeasureAsync(new LoadPlan(0, callers, warmUpSeconds, seconds, [Hot + "/reservations"], Body: Promise, Commits: true), eventsEach: 2);

    private static LoadPlan Sales(string[] products, int callers, double warmUpSeconds, double seconds) =>
        new(0, callers, warmUpSeconds, seconds, [.. products.Select(path => path + "/adjustments")], Body: Sale);

    /// <summary>The next measure is not disturbed by projections that still work on this one.</summary>
    private async Task<LoadResult> MeasureAsync(LoadPlan plan, int eventsEach)
    {
        var result = await LoadAsync(plan, eventsEach);
        await CaughtUpAsync();
        return result;
    }

    private async Task<LoadResult> LoadAsync(LoadPlan plan, int eventsEach)
    {
        var before = await EventsAsync();
        var results = await Task.WhenAll(_nodes.Select(node => Child.LoadAsync(plan with { Port = node.Port, Callers = Math.Max(1, plan.Callers / _nodes.Count) })));
        var written = (await EventsAsync() - before) / (double)eventsEach;
        var answered = results.Sum(result => result.Succeeded);
        return written == answered
            ? new LoadResult(
                results.Sum(r => r.PerSecond), results.Sum(r => r.Failed), answered, results.Average(r => r.P50), results.Max(r => r.P99))
            : throw new InvalidOperationException($"{answered} commands were answered as accepted and {written} events were written.");
    }

    /// <summary>Reads one product again and again.</summary>
    public Task<LoadResult> ReadAsync(int callers, double warmUpSeconds, double seconds, string? ifNoneMatch = null) =>
        Child.LoadAsync(new LoadPlan(_nodes[0].Port, callers, warmUpSeconds, seconds, [Hot], "GET", IfNoneMatch: ifNoneMatch));

    /// <summary>The hot product's entity tag.</summary>
    public async Task<string> TagAsync() => (await _nodes[0].Client.GetAsync(new Uri(Hot, UriKind.Relative))).Headers.ETag!.Tag;

    /// <summary>Makes a product with more stock than a run can sell.</summary>
    public async Task<string> CreateAsync(string sku)
    {
        using var answer = await _nodes[0].Client.PostAsJsonAsync("/products", new { sku, name = sku, initialQuantity = 1_000_000_000 });
        answer.EnsureSuccessStatusCode();
        return $"/products/{(await answer.Content.ReadFromJsonAsync<JsonObject>())!["productId"]}";
    }

    /// <summary>
    /// Sells on many products while somebody looks at the catalogue every 20 ms: what it says of its age meanwhile, and after how many seconds it had
    /// caught up when the last sale was answered.
    /// </summary>
    public async Task<LagFigures> LagAsync(int callers, double warmUpSeconds, double seconds)
    {
        using var end = new CancellationTokenSource();
        var looking = LookAsync(warmUpSeconds, end.Token);
        await LoadAsync(Sales(Spread, callers, warmUpSeconds, seconds), eventsEach: 1);
        await end.CancelAsync();
        var ended = TimeProvider.System.GetTimestamp();
        await CaughtUpAsync();
        var caughtUp = TimeProvider.System.GetElapsedTime(ended).TotalSeconds;
        var lags = (await looking).Order().ToList();
        return new LagFigures(lags.Count, lags[lags.Count / 2], lags[lags.Count * 99 / 100], caughtUp);
    }

    /// <summary>Waits until the projections have everything.</summary>
    public async Task CaughtUpAsync()
    {
        foreach (var list in new[] { "/products?limit=1", "/stock/movements" })
        {
            while (!(await FreshnessAsync(list))["upToDate"]!.GetValue<bool>())
            {
                await Task.Delay(10);
            }
        }
    }

    private async Task<List<long>> LookAsync(double warmUpSeconds, CancellationToken end)
    {
        await Task.Delay(TimeSpan.FromSeconds(warmUpSeconds), CancellationToken.None);
        var lags = new List<long>();
        while (!end.IsCancellationRequested)
        {
            lags.Add((await FreshnessAsync("/products?limit=1"))["lagMs"]!.GetValue<long>());
            await Task.Delay(20, CancellationToken.None);
        }

        return lags;
    }

    private async Task<JsonNode> FreshnessAsync(string list) => (await _nodes[0].Client.GetFromJsonAsync<JsonObject>(list))!["freshness"]!;

    /// <summary>
    /// Puts past sales into a product's stream and its snapshot by SQL, as if the service had made them; it must not
    /// remember the product yet.
    /// </summary>
    public async Task AgeAsync(string product, int events)
    {
        await ExecuteAsync(
            $"""
             with aged as (
               insert into inventory.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, user_name)
               select nextval('inventory.mt_events_sequence'), gen_random_uuid(), '{product[10..]}', n + 1, first.data, first.type, now(), '*DEFAULT*', first.dotnet, 'past'
               from generate_series(1, {events}) n,
                    (select '{Sale}'::jsonb as data, 'stock_adjusted' as type, 'Inventory.Slices.Products.StockAdjusted, Inventory.Slices' as dotnet) first
               returning 1)
             select count(*) from aged;
             update inventory.mt_streams set version = {events + 1} where id = '{product[10..]}';
             update inventory.mt_doc_product set mt_version = {events + 1},
               data = data || jsonb_build_object('version', {events + 1}, 'onHand', (data ->> 'onHand')::int - {events}) where id = '{product[10..]}';
             analyze inventory.mt_events;
             """);
        await CaughtUpAsync();
    }

    /// <summary>Fills the store with products of past sales by SQL, as if they had been made and projected long ago; no node runs meanwhile.</summary>
    public async Task FillAsync(int products, long events)
    {
        await CaughtUpAsync();
        await DisposeAsync();
        _nodes.Clear();
        await ExecuteAsync(
            $"""
             create temporary table past as select gen_random_uuid() as id, n from generate_series(1, {products}) n;
             insert into inventory.mt_streams (id, type, version, timestamp, tenant_id) select id, 'product', {events / products}, now(), '*DEFAULT*' from past;
             insert into inventory.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, user_name)
               select nextval('inventory.mt_events_sequence'), gen_random_uuid(), past.id, v, '{Sale}'::jsonb, 'stock_adjusted', now(), '*DEFAULT*',
                      'Inventory.Slices.Products.StockAdjusted, Inventory.Slices', 'past'
               from past, generate_series(1, {events / products}) v;
             insert into inventory.mt_doc_product (id, data, mt_version, mt_dotnet_type, sku_key)
               select past.id, template.data || jsonb_build_object('id', past.id, 'sku', 'PAST-' || n, 'skuKey', 'PAST-' || n, 'version', {events / products}), {events / products},
                      template.mt_dotnet_type, 'PAST-' || n
               from past, (select data, mt_dotnet_type from inventory.mt_doc_product limit 1) template;
             insert into inventory.product_list
               select past.id, {events / products}, 'PAST-' || n, 'PAST-' || n, 'Past', 'past', 'past-' || n || ' past', 1, 0, 1, null, false, false, now() from past;
             update inventory.mt_event_progression set last_seq_id = (select max(seq_id) from inventory.mt_events);
             analyze inventory.mt_events; analyze inventory.mt_streams; analyze inventory.mt_doc_product; analyze inventory.product_list; checkpoint;
             """);
        await AddNodeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task<long> EventsAsync()
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select sum(version) from inventory.mt_streams", connection);
        return (long)(decimal)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 3_600 };
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>How old the catalogue was under load.</summary>
/// <param name="Answers">How many answers were looked at.</param>
/// <param name="P50">The median of what they said of their lag, in milliseconds.</param>
/// <param name="P99">The 99th percentile of it.</param>
/// <param name="CaughtUpSeconds">How long after the load's end until nothing was missing.</param>
internal sealed record LagFigures(int Answers, long P50, long P99, double CaughtUpSeconds);
