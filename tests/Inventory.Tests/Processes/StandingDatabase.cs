using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inventory.LocalPostgres;
using Npgsql;

namespace Inventory.Tests.Processes;

/// <summary>
/// A database server that stands still (SIGSTOP): it neither answers nor closes a connection, and the kernel goes on taking new
/// ones for it. Everybody is answered by the time that is promised, and afterwards all is well.
/// </summary>
/// <remarks>
/// Time is the subject here. <c>INVENTORY_TIME_MARGIN_SECONDS</c> gives a busy machine more of it; 1 when not set.
/// </remarks>
public sealed class StandingDatabase : IAsyncLifetime
{
    private static readonly TimeSpan Stands = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan ReadMax = TimeSpan.FromSeconds(5);

    // Shorter than by default, so that a short stand is longer than it.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryDeadline = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(
        double.TryParse(
            Environment.GetEnvironmentVariable("INVENTORY_TIME_MARGIN_SECONDS"), CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : 1);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"inventory-standing-{Guid.CreateVersion7():N}");
    private readonly ConcurrentQueue<Told> _told = [];
    private LocalPostgresServer? _server;
    private ServiceProcess? _service;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await LocalPostgresServer.StartAsync(
            new LocalPostgresOptions { DataFolder = Path.Combine(_folder, "postgres") }, CancellationToken.None);
        _service = await ServiceProcess.StartAsync(
            new NpgsqlConnectionStringBuilder(_server.ConnectionString) { MaxPoolSize = 40 }.ConnectionString,
            $"--Conflicts:WaitMax={WaitMax}", $"--Conflicts:RetryDeadline={RetryDeadline}");
        _service.Client.Timeout = TimeSpan.FromMinutes(5);
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Reads_are_answered_in_time_although_the_database_stands_still()
    {
        var product = await ProductAsync("STANDING", onHand: 10);
        string[] paths =
        [
            $"/products/{product}", "/products/sku:STANDING", $"/products/{product}?version=1", $"/products/{product}/history",
            $"/products/{product}/reservations", "/reservations", "/products", "/stock/low", "/stock/movements", "/conflicts",
            "/products.csv", $"/products/{product}/history.csv", $"/imports/{product}", "/health/ready",
        ];
        foreach (var path in paths)
        {
            await AskAsync(path);
        }

        _told.Clear();
        await WhileItStandsAsync(() => paths.Select(AskAsync));

        HoldsTo(ReadMax);
        // How the service is may have been found out just before.
        Assert.Contains(_told, told => told is { What: "/health/ready", Status: 503 });
        Assert.Equal([], _told.Where(told => told.Standing && told.Status != 503 && told.What != "/health/ready"));
        await WellAsync(product);
    }

    [Fact]
    public async Task Commands_are_answered_in_time_and_what_was_said_of_them_is_true()
    {
        var sold = await ProductAsync("SOLD", onHand: 100_000);
        var ordered = await ProductAsync("ORDERED", onHand: 100_000);
        var renamed = await ProductAsync("RENAMED", onHand: 1);
        IEnumerable<Task> Commands() =>
        [
            .. Enumerable.Range(0, 5).Select(_ => SendAsync("sale", $"/products/{sold}/adjustments", new { delta = -1, reason = "sale" })),
            SendAsync("sale by SKU", "/products/sku:SOLD/adjustments", new { delta = -1, reason = "sale" }),
            SendAsync("order", "/adjustments", new { lines = new[] { new { productId = ordered, delta = -1 } }, reason = "order" }),
            SendAsync("discontinuation", $"/products/{renamed}/discontinue", new { reason = "seen" }, ("If-Match", "\"1\"")),
        ];
        await Task.WhenAll(Commands());
        _told.Clear();
        var before = (await OnHandAsync(sold), await OnHandAsync(ordered));

        await WhileItStandsAsync(Commands);

        HoldsTo(WaitMax + RetryDeadline);
        await WellAsync(renamed);
        // What was in doubt may still have been committed when the server went on, and is by the time that another sale is.
        HasGone(before.Item1 - await OnHandAsync(sold), "sale", "sale by SKU");
        HasGone(before.Item2 - await OnHandAsync(ordered), "order");

        void HasGone(int units, params string[] what)
        {
            var told = _told.Where(one => what.Contains(one.What)).ToList();
            var accepted = told.Count(one => one.Status == 200);
            var unknown = told.Count(one => one.Problem == "/problems/outcome-unknown");
            Assert.InRange(units, accepted, accepted + unknown);
        }
    }

    /// <summary>Stops the server, begins some work every half second, lets it go on, and waits for all answers.</summary>
    private async Task WhileItStandsAsync(Func<IEnumerable<Task>> work)
    {
        var all = new List<Task>();
        var stopped = await StopAsync();
        try
        {
            var began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < Stands)
            {
                _standing = Stopwatch.GetElapsedTime(began) < Stands - ReadMax - Margin;
                all.AddRange(work());
                await Task.Delay(500, Cancellation);
            }
        }
        finally
        {
            _standing = false;
            await SignalAsync("CONT", stopped);
        }

        await Task.WhenAll(all);
    }

    private volatile bool _standing;

    private void HoldsTo(TimeSpan deadline)
    {
        Assert.NotEmpty(_told);
        var late = _told.Where(told => told.Took > deadline + Margin).OrderByDescending(told => told.Took).ToList();
        Assert.True(
            late.Count == 0,
            $"{late.Count} of {_told.Count} were answered after more than {deadline + Margin}:\n{string.Join('\n', late.Take(20))}\n"
            + string.Join('\n', _service!.Output.Split('\n').TakeLast(40)));
    }

    /// <summary>The service does all its work again.</summary>
    private async Task WellAsync(Guid product)
    {
        while ((await _service!.Client.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation)).StatusCode
               != System.Net.HttpStatusCode.OK)
        {
            await Task.Delay(100, Cancellation);
        }

        using var read = await _service.Client.GetAsync(new Uri($"/products/{product}", UriKind.Relative), Cancellation);
        Assert.True(read.IsSuccessStatusCode, $"{read.StatusCode}");
    }

    private Task AskAsync(string path) => TellAsync(path, () => _service!.Client.GetAsync(new Uri(path, UriKind.Relative), Cancellation));

    private Task SendAsync(string what, string path, object body, params (string Name, string Value)[] headers) => TellAsync(what, async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _service!.Client.SendAsync(request, Cancellation);
    });

    private async Task TellAsync(string what, Func<Task<HttpResponseMessage>> call)
    {
        var (standing, began) = (_standing, Stopwatch.GetTimestamp());
        using var answer = await call();
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        var problem = answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
            ? $"{JsonNode.Parse(text)!["type"]}"
            : "";
        _told.Enqueue(new Told(what, standing, (int)answer.StatusCode, problem, Stopwatch.GetElapsedTime(began)));
    }

    private async Task<Guid> ProductAsync(string sku, int onHand)
    {
        using var made = await _service!.Client.PostAsJsonAsync(
            "/products", new { sku, name = "Standing", initialQuantity = onHand }, Cancellation);
        return (await made.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["productId"]!.GetValue<Guid>();
    }

    private async Task<int> OnHandAsync(Guid product) =>
        (await _service!.Client.GetFromJsonAsync<JsonNode>($"/products/{product}", Cancellation))!["onHand"]!.GetValue<int>();

    /// <summary>Stops the server and all its processes, until there is none that runs. Gives their ids.</summary>
    private async Task<IReadOnlyList<int>> StopAsync()
    {
        var record = await File.ReadAllLinesAsync(Path.Combine(_folder, "postgres", "data", "postmaster.pid"), Cancellation);
        var postmaster = int.Parse(record[0], CultureInfo.InvariantCulture);
        // It first, so that it makes no more of them.
        var stopped = new List<int> { postmaster };
        await SignalAsync("STOP", stopped);
        var children = Process.GetProcesses().Select(process => process.Id).Where(id => ParentOf(id) == postmaster).ToList();
        await SignalAsync("STOP", children);
        return [.. children, .. stopped];
    }

    /// <summary>The fourth field of proc(5)'s stat; the second, a name in brackets, may hold spaces.</summary>
    private static int? ParentOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task SignalAsync(string signal, IEnumerable<int> processes)
    {
        foreach (var process in processes)
        {
            // One that has ended meanwhile needs none.
            using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(CancellationToken.None);
        }
    }

    private sealed record Told(string What, bool Standing, int Status, string Problem, TimeSpan Took);
}
