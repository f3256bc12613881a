using System.Diagnostics;
using System.Globalization;
using Inventory.Benchmarks.Load;
using Inventory.Benchmarks.Peers;
using Inventory.Benchmarks.Reports;
using Inventory.LocalPostgres;
using Npgsql;

namespace Inventory.Benchmarks;

/// <summary>Measures all peers, one after the other and round after round, so that the machine's moods meet all alike.</summary>
internal sealed class BenchmarkRun(BenchmarkOptions options)
{
    private static readonly int[] Callers = [1, 16, 64, 256];

    private readonly Figures _figures = new();
    private readonly List<Gate> _gates = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private string _connectionString = "";
    private readonly List<LagFigures> _lags = [];
    private readonly List<StartFigures> _starts = [];
    private ImportFigures? _import;

    /// <summary>Runs everything. The exit code is 1 when a gate is not met.</summary>
    public async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("inventory-benchmarks-");
        LocalPostgresServer? server = null;
        try
        {
            _connectionString = Environment.GetEnvironmentVariable("ConnectionStrings__Inventory") ?? "";
            if (_connectionString.Length == 0)
            {
                server = await LocalPostgresServer.StartAsync(
                    new LocalPostgresOptions { DataFolder = Path.Combine(Path.GetTempPath(), "inventory-benchmarks", "postgres"), Database = "postgres" }, CancellationToken.None);
                _connectionString = server.ConnectionString;
            }

            await MeasureAsync(new SqlPeer(await DatabaseAsync("bench_sql"), PgBench(), folder.FullName));
            return Judge(await ConditionsAsync());
        }
        finally
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }

            folder.Delete(recursive: true);
        }
    }

    private async Task MeasureAsync(SqlPeer sql)
    {
        await sql.PrepareAsync();
        await using (var service = await ServicePeer.StartAsync(await DatabaseAsync("bench_service")))
        {
            for (var round = 1; round <= options.Rounds; round++)
            {
                await CurveAsync(sql, service);
                await ReadsAsync(service);
            }

            await LagAsync(service);
            await ReservationsAsync(sql, service);
            await StreamLengthAsync(service);
            await TwoNodesAsync(service);
        }

        await StoreSizeAsync();
        await StartUpAsync();
        await ImportAsync();
        foreach (var kind in PeerHost.Kinds.Where(kind => kind != "noop"))
        {
            await FrameworkAsync(kind);
        }
    }

    private async Task CurveAsync(SqlPeer sql, ServicePeer service)
    {
        foreach (var callers in Callers)
        {
            foreach (var name in SqlPeer.Scripts.Keys.Where(name => name != "sql-reserve"))
            {
                await AddAsync(name, callers, () => sql.RunAsync(name, callers, options.Seconds));
            }

            await AddAsync("service-hot", callers, () => service.SellAsync([service.Hot], callers, options.WarmUpSeconds, options.Seconds));
            await AddAsync("service-spread", callers, () => service.SellAsync(service.Spread, callers, options.WarmUpSeconds, options.Seconds));
        }
    }

    private async Task ReadsAsync(ServicePeer service)
    {
        await using var noop = await Child.ServeAsync([Environment.GetCommandLineArgs()[0], "host", "noop"], _connectionString);
        await AddAsync("noop", 64, () => Child.LoadAsync(new LoadPlan(noop.Port, 64, options.WarmUpSeconds, options.Seconds, ["/"], "GET")));
        await AddAsync("service-get", 64, () => service.ReadAsync(64, options.WarmUpSeconds, options.Seconds));
        var tag = await service.TagAsync();
        await AddAsync("service-get-304", 64, () => service.ReadAsync(64, options.WarmUpSeconds, options.Seconds, tag));
    }

    private async Task LagAsync(ServicePeer service)
    {
        for (var round = 1; round <= options.Rounds; round++)
        {
            var lag = await service.LagAsync(256, options.WarmUpSeconds, options.Seconds);
            _lags.Add(lag);
            Progress(string.Create(
                CultureInfo.InvariantCulture, $"lag of the catalogue      p50 {lag.P50} ms   p99 {lag.P99} ms   caught up after {lag.CaughtUpSeconds:0.00} s   {lag.Answers} answers"));
        }
    }

    private async Task StartUpAsync()
    {
        using var startUp = new StartUp();
        await startUp.BuildAsync();
        var database = await DatabaseAsync("bench_start");
        // The first one makes the tables.
        await startUp.MeasureAsync(database, 0);
        for (var round = 1; round <= options.Rounds; round++)
        {
            var start = await startUp.MeasureAsync(database, round);
            _starts.Add(start);
            Progress(string.Create(CultureInfo.InvariantCulture, $"start-up                  first command after {start.Seconds:0.00} s   idle {start.IdleBytes >> 20} MiB"));
        }
    }

    private async Task ReservationsAsync(SqlPeer sql, ServicePeer service)
    {
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var callers in Callers)
            {
                await AddAsync("sql-reserve", callers, () => sql.RunAsync("sql-reserve", callers, options.Seconds));
                await AddAsync("service-reserve", callers, () => service.ReserveAsync(callers, options.WarmUpSeconds, options.Seconds));
            }
        }
    }

    private async Task StreamLengthAsync(ServicePeer service)
    {
        var (young, old) = (await service.CreateAsync("YOUNG"), await service.CreateAsync("OLD"));
        await service.AgeAsync(young, 100);
        await service.AgeAsync(old, options.StreamEvents);
        for (var round = 1; round <= options.Rounds; round++)
        {
            await AddAsync("service-stream-of-100", 64, () => service.SellAsync([young], 64, 1, options.Seconds));
            await AddAsync("service-long-stream", 64, () => service.SellAsync([old], 64, 1, options.Seconds));
        }
    }

    private async Task TwoNodesAsync(ServicePeer service)
    {
        for (var round = 1; round <= options.Rounds; round++)
        {
            await AddAsync("service-one-node-hot", 128, () => service.SellAsync([service.Hot], 128, options.WarmUpSeconds, options.Seconds));
            await AddAsync("service-one-node-spread", 128, () => service.SellAsync(service.Spread, 128, options.WarmUpSeconds, options.Seconds));
        }

        await service.AddNodeAsync();
        for (var round = 1; round <= options.Rounds; round++)
        {
            await AddAsync("service-two-nodes-hot", 128, () => service.SellAsync([service.Hot], 128, options.WarmUpSeconds, options.Seconds));
            await AddAsync("service-two-nodes-spread", 128, () => service.SellAsync(service.Spread, 128, options.WarmUpSeconds, options.Seconds));
        }
    }

    private async Task StoreSizeAsync()
    {
        await using var empty = await ServicePeer.StartAsync(await DatabaseAsync("bench_empty"));
        await using var full = await ServicePeer.StartAsync(await DatabaseAsync("bench_full"));
        Progress($"filling a store with {options.StoreEvents:N0} events");
        await full.FillAsync((int)Math.Min(100_000, options.StoreEvents / 100), options.StoreEvents);
        for (var round = 1; round <= options.Rounds; round++)
        {
            await AddAsync("service-empty-store", 64, () => empty.SellAsync(empty.Spread, 64, options.WarmUpSeconds, options.Seconds));
            await AddAsync("service-big-store", 64, () => full.SellAsync(full.Spread, 64, options.WarmUpSeconds, options.Seconds));
        }
    }

    private async Task ImportAsync()
    {
        if (options.Sales is null)
        {
            Progress("imports are left out: name a file of invoice lines with --sales");
            return;
        }

        await using var service = await Child.ServeAsync([Repository.Service], await DatabaseAsync("bench_import"));
        _import = await new SalesFile(options.Sales, options.ImportLines).ImportAsync(service);
        Progress(string.Create(
            CultureInfo.InvariantCulture,
            $"import of {_import.Lines:N0} lines {_import.PerSecond,9:N0}/s   {_import.FirstHalfBytes >> 20} MiB, then {_import.SecondHalfBytes >> 20} MiB   refused {_import.Refused}"));
    }

    private async Task FrameworkAsync(string kind)
    {
        await using var host = await Child.ServeAsync([Environment.GetCommandLineArgs()[0], "host", kind], await DatabaseAsync("bench_" + kind.Replace('-', '_')));
        var stock = $"/stocks/{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}";
        using (var made = await host.Client.PostAsync(new Uri(stock, UriKind.Relative), null))
        {
            made.EnsureSuccessStatusCode();
        }

        foreach (var callers in Callers)
        {
            await AddAsync(kind, callers, () => Child.LoadAsync(new LoadPlan(
                host.Port, callers, options.WarmUpSeconds, options.Seconds, [stock + "/taken"], Body: """{"quantity":1,"reason":"sale"}""")));
        }
    }

    private async Task AddAsync(string peer, int callers, Func<Task<LoadResult>> measure)
    {
        var result = await measure();
        _figures.Add(peer, callers, result);
        Progress(string.Create(
            CultureInfo.InvariantCulture,
            $"{peer,-24} {callers,4} callers {result.PerSecond,9:N0}/s   p50 {result.P50,8:0.00} ms   p99 {result.P99,8:0.00} ms   failed {result.Failed}"));
    }

    private void Progress(string line) => Console.WriteLine($"{_clock.Elapsed:mm\\:ss}  {line}");

    private int Judge(string conditions)
    {
        foreach (var callers in new[] { 64, 256 })
        {
            Add(1, $"hot product, {callers} callers, against sql-hot at {callers}", Ratio("service-hot", callers, "sql-hot"), 10);
            Add(1, $"hot product, {callers} callers, against the best of sql-hot", _figures.PerSecond("service-hot", callers) / _figures.Best("sql-hot"), 6);
            Add(1, $"hot product, {callers} callers, p99 against sql-hot's", _figures.P99("service-hot", callers) / _figures.P99("sql-hot", callers), 1, atLeast: false);
            Add(1, $"hot product, {callers} callers, failed commands", _figures.Failed("service-hot", callers), 0, atLeast: false);
        }

        Add(2, "1,000 products, 256 callers, against sql-spread at 256", Ratio("service-spread", 256, "sql-spread"), 1);
        Add(2, "1,000 products, 256 callers, against the best of sql-spread", _figures.PerSecond("service-spread", 256) / _figures.Best("sql-spread"), 0.8);
        Add(2, "1,000 products, 64 callers, against sql-spread at 64", Ratio("service-spread", 64, "sql-spread"), 0.7);
        Add(3, "one caller, p50 against sql-hot's", _figures.P50("service-hot", 1) / _figures.P50("sql-hot", 1), 3, atLeast: false);
        Add(4, $"a stream of {options.StreamEvents:N0} events against one of 100", Ratio("service-long-stream", 64, "service-stream-of-100"), 0.9);
        Add(5, $"a store of {options.StoreEvents:N0} events against an empty one", Ratio("service-big-store", 64, "service-empty-store"), 0.8);
        Add(6, "two nodes on a hot product against one", Ratio("service-two-nodes-hot", 128, "service-one-node-hot"), 0.7);
        Add(6, "two nodes on a hot product, failed commands", _figures.Failed("service-two-nodes-hot", 128), 0, atLeast: false);
        Add(6, "two nodes on 1,000 products against one", Ratio("service-two-nodes-spread", 128, "service-one-node-spread"), 1);
        Add(7, "reserve and commit on a hot product, 64 callers, against sql-reserve at 64", Ratio("service-reserve", 64, "sql-reserve"), 3);
        Add(7, "reserve and commit on a hot product, 64 callers, failed pairs", _figures.Failed("service-reserve", 64), 0, atLeast: false);
        Add(8, "GET of a product against an empty endpoint", Ratio("service-get", 64, "noop"), 0.25);
        Add(8, "GET with If-None-Match against an empty endpoint", Ratio("service-get-304", 64, "noop"), 0.5);
        Add(9, "lag of the catalogue at 256 callers on 1,000 products, p99 in seconds", _lags.Max(lag => lag.P99) / 1_000.0, 1, atLeast: false);
        Add(9, "until the catalogue has caught up after that, seconds", _lags.Max(lag => lag.CaughtUpSeconds), 5, atLeast: false);
        Add(10, "start of the process to the first answered command, seconds", _starts.Max(start => start.Seconds), 2, atLeast: false);
        Add(10, "idle memory, MB", _starts.Max(start => start.IdleBytes) / 1e6, 200, atLeast: false);
        if (_import is not null)
        {
            Add(11, $"import of {_import.Lines:N0} lines, lines per second", _import.PerSecond, 5_000);
            Add(11, $"import of {_import.Lines:N0} lines, memory in the second half of the time against the first", _import.SecondHalfBytes / (double)_import.FirstHalfBytes, 1.1, atLeast: false);
        }

        Console.WriteLine();
        _gates.ForEach(gate => Console.WriteLine(gate));
        if (options.Writes)
        {
            Report.WriteAsync(_figures, _gates, conditions, Notes()).GetAwaiter().GetResult();
        }

        return _gates.TrueForAll(gate => gate.Met) ? 0 : 1;

        void Add(int number, string what, double ratio, double bound, bool atLeast = true) => _gates.Add(new Gate(number, what, ratio, bound, atLeast));
        double Ratio(string peer, int callers, string other) => _figures.PerSecond(peer, callers) / _figures.PerSecond(other, callers);
    }

    private IReadOnlyList<string> Notes() =>
    [
        $"Each measure lasts {options.Seconds} s after {options.WarmUpSeconds} s of warming up; {options.Rounds} rounds, in each of which every peer has its turn.",
        "The service runs as a process of its own in production mode, with receipts (every command carries an Idempotency-Key), event metadata, the inline snapshot and its metrics; no exporter takes the metrics.",
        "After every measure of the service, the events written are compared with the commands answered as accepted: one lost or doubled command ends the run.",
        "The load generator is a process of its own, with one request under way per caller (a closed loop), so waiting before a request is not part of its latencies.",
        "The plain SQL peers are driven by pgbench with prepared statements over the same loopback; they keep no receipts, no history in words, and answer nobody over HTTP.",
        "Reserve and commit are two requests, and two transactions of plain SQL; each pair counts once. The service schedules the end of each reservation in the same transaction, plain SQL does not.",
        "Framework, exclusive and backoff-seconds are measured once, after the rounds.",
        "The long stream and the big store are filled by SQL.",
        _import is null
            ? "Imports were not measured: no file was named with --sales."
            : $"The import is one file under way alone, its {_import.Lines:N0} lines made of a file of real sales under other invoice numbers; {_import.Refused} of them were refused by a rule.",
        $"The asynchronous projections run during every measure. What the catalogue says of its lag was read every 20 ms ({_lags.Sum(lag => lag.Answers):N0} answers); the slowest round counts.",
        "The start is that of the service with pre-generated code on a database that is up and has its tables; the slowest of the rounds counts. Memory is the resident set ten seconds later.",
        "Not measured: a network between the machines, other hardware.",
    ];

    private async Task<string> ConditionsAsync()
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select current_setting('server_version') || ', fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit') || ', full_page_writes ' || current_setting('full_page_writes')",
            connection);
        return $"{Environment.ProcessorCount} cores; PostgreSQL {await command.ExecuteScalarAsync()}; .NET {Environment.Version}.";
    }

    private async Task<string> DatabaseAsync(string name)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        foreach (var sql in new[] { $"drop database if exists {name} with (force)", $"create database {name}" })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        return new NpgsqlConnectionStringBuilder(_connectionString) { Database = name }.ConnectionString;
    }

    private static string PgBench() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "pgbench")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("pgbench has to be on the PATH to measure plain SQL: install PostgreSQL's client programs.");
}
