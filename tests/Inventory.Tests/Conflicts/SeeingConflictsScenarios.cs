using System.Collections.Concurrent;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Marten;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Inventory.Tests.Conflicts;

/// <summary>A service whose log a test can read.</summary>
public sealed class ServiceThatIsWatched(DatabaseServer server) : Service(server), ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, IReadOnlyDictionary<string, object?> Members)> Log { get; } = [];

    protected override void Configure(IWebHostBuilder builder)
    {
        builder.UseSetting("Conflicts:Lanes", "1");
        builder.UseSetting("Logging:LogLevel:Inventory.Conflicts", "Debug");
        builder.ConfigureServices(services => services.AddSingleton<ILoggerProvider>(this));
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Enqueue((logLevel, (state as IEnumerable<KeyValuePair<string, object?>> ?? []).DistinctBy(pair => pair.Key).ToDictionary()));

    void IDisposable.Dispose()
    {
        // There is nothing to let go of.
    }
}

/// <summary>A conflict is counted, logged and recorded, whether the policy took care of it or the caller was told.</summary>
public sealed class SeeingConflictsScenarios(ServiceThatIsWatched service) : IClassFixture<ServiceThatIsWatched>
{
    [Fact]
    public async Task A_race_that_was_decided_again_is_absorbed()
    {
        var id = await service.ProductAsync();
        service.Race.Stage(() => service.AppendAsync(id, new StockAdjusted(1, "receipt", null)));
        using var measured = new Measured(service);

        await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "*"));

        Assert.Equal([("inventory.conflicts.absorbed", 1.0, "RenameProduct Reject none")], measured.Conflicts);
        Assert.Contains(("inventory.commands.attempts", 2.0, "RenameProduct"), measured.All);
        Assert.Equal("RenameProduct Reject  False 2 anonymous", await RecordedAsync(id));
        var retry = Assert.Single(service.Log, line => line.Members.ContainsKey("Pause") && id.ToString().Equals(line.Members.GetValueOrDefault("StreamId")));
        Assert.Equal(("RenameProduct", 1), (retry.Members["Command"], retry.Members["Attempt"]));
    }

    [Fact]
    public async Task What_was_merged_is_absorbed_under_the_name_of_the_first_unseen_event()
    {
        var id = await service.ProductAsync();
        await service.AppendAsync(id, new StockAdjusted(1, "receipt", null));
        using var measured = new Measured(service);

        await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "1"));

        Assert.Equal([("inventory.conflicts.absorbed", 1.0, "RenameProduct Reject StockAdjusted")], measured.Conflicts);
        Assert.Equal("RenameProduct Reject StockAdjusted False 1 anonymous", await RecordedAsync(id));
    }

    [Fact]
    public async Task What_the_caller_was_told_of_has_escaped_under_the_name_of_the_event_that_clashes()
    {
        var id = await service.ProductAsync();
        await service.AppendAsync(id, [new StockAdjusted(1, "receipt", null), new ProductRenamed("Other", "Widgit")]);
        using var measured = new Measured(service);

        await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "1"), ("Actor", "ann"));

        Assert.Equal([("inventory.conflicts.escaped", 1.0, "RenameProduct Reject ProductRenamed")], measured.Conflicts);
        Assert.Equal("RenameProduct Reject ProductRenamed True 1 ann", await RecordedAsync(id));
        var rejected = Assert.Single(service.Log, line => line.Members.ContainsKey("SeenVersion") && id.Equals(line.Members["StreamId"]));
        Assert.Equal(
            (LogLevel.Information, "ann", 1L, 3L, "ProductRenamed at 3"),
            (rejected.Level, rejected.Members["Actor"], rejected.Members["SeenVersion"], rejected.Members["CurrentVersion"], rejected.Members["Clashing"]));
    }

    [Fact]
    public async Task Of_the_products_of_a_commit_that_lost_its_race_only_the_one_that_was_raced_had_a_conflict()
    {
        var (raced, other) = (await service.ProductAsync(), await service.ProductAsync());
        using var measured = new Measured(service);

        var answers = await HeldCommit.WhileAsync(
            service, [() => Task.CompletedTask, () => service.AppendAsync(raced, new StockAdjusted(1, "receipt", null))],
            () => SellAsync(other), () => SellAsync(raced), () => SellAsync(raced), () => SellAsync(other));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(Enumerable.Repeat(("inventory.conflicts.absorbed", 1.0, "AdjustStock Merge none"), 2), measured.Conflicts);
        Assert.Equal([1.0, 2.0, 2.0, 2.0], measured.All.Where(m => m.Name == "inventory.commands.attempts").Select(m => m.Value).Order());
        while (measured.All.Count(m => m.Name == "inventory.commits.streams") < 2)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken); // The commit is measured after its answers are given.
        }

        Assert.Equal([1.0, 3.0], measured.All.Where(m => m.Name == "inventory.commits.commands").Select(m => m.Value));
        Assert.Equal([1.0, 2.0], measured.All.Where(m => m.Name == "inventory.commits.streams").Select(m => m.Value));

        Task<HttpAnswer> SellAsync(Guid id) => service.PostAsync($"/products/{id}/adjustments", new { delta = -1, reason = "sale" });
    }

    [Fact]
    public async Task A_command_without_a_conflict_counts_as_none_and_its_commit_is_measured()
    {
        var id = await service.ProductAsync();
        using var measured = new Measured(service);

        await service.PostAsync($"/products/{id}/adjustments", new { delta = -1, reason = "sale" });

        while (measured.All.Count < 5)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken); // The commit is measured after its answers are given.
        }

        Assert.Empty(measured.Conflicts);
        Assert.Equal(
            ["inventory.commands.attempts", "inventory.commands.duration", "inventory.commands.queue_wait", "inventory.commits.commands", "inventory.commits.streams"],
            measured.All.Select(m => m.Name).Order());
    }

    [Fact]
    public async Task Old_entries_of_the_conflict_log_are_deleted()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (old, young) = (await ConflictAsync(), await ConflictAsync());
        await using (var session = service.Store.LightweightSession())
        {
            session.QueueSqlCommand("update inventory.conflicts set at = now() - interval '31 days' where stream_id = ?", old);
            await session.SaveChangesAsync(cancellation);
        }

        var retention = service.Host.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Retention>().Single();
        Assert.Equal(1, await retention.PurgeConflictsAsync(1_000, cancellation));

        await using var query = service.Store.QuerySession();
        Assert.Equal([young], await query.QueryAsync<Guid>("select stream_id from inventory.conflicts where stream_id in (?, ?)", cancellation, old, young));

        async Task<Guid> ConflictAsync()
        {
            var id = await service.ProductAsync();
            await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "\"9\""));
            await RecordedAsync(id);
            return id;
        }
    }

    [Fact]
    public async Task What_waits_to_be_recorded_is_written_before_the_service_has_stopped()
    {
        using var loggers = new LoggerFactory([service]);
        using var log = ConflictLog(loggers, service.Host.Services.GetRequiredService<NpgsqlDataSource>());
        await log.StartAsync(TestContext.Current.CancellationToken);
        var ids = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToList();
        ids.ForEach(id => log.Add(Conflict(id)));

        await log.StopAsync(TestContext.Current.CancellationToken);

        await using var query = service.Store.QuerySession();
        Assert.Equal(ids.ToHashSet(), (await query.QueryAsync<Guid>(
            "select stream_id from inventory.conflicts where stream_id = any (?)", TestContext.Current.CancellationToken, ids.ToArray())).ToHashSet());
    }

    [Fact]
    public async Task More_conflicts_than_can_be_kept_waiting_are_dropped_counted_and_told_in_one_line()
    {
        using var loggers = new LoggerFactory([service]);
        using var log = ConflictLog(loggers, service.Host.Services.GetRequiredService<NpgsqlDataSource>());
        using var measured = new Measured(service);
        for (var n = 0; n < Inventory.Conflicts.ConflictLog.WaitingMax + 5; n++)
        {
            log.Add(Conflict(Guid.CreateVersion7()));
        }

        await log.StartAsync(TestContext.Current.CancellationToken);
        await log.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Repeat(("inventory.conflicts.unrecorded", 1.0, ""), 5), measured.Conflicts);
        Assert.Single(service.Log, line => line.Level == LogLevel.Warning && 5.Equals(line.Members.GetValueOrDefault("Count")));
    }

    [Fact]
    public async Task A_conflict_log_that_cannot_be_written_is_told_and_stops_nothing()
    {
        using var loggers = new LoggerFactory([service]);
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Database=none;Username=none");
        using var log = ConflictLog(loggers, nowhere);
        using var measured = new Measured(service);
        await log.StartAsync(TestContext.Current.CancellationToken);
        log.Add(Conflict(Guid.CreateVersion7()));

        await log.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(log.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Equal([("inventory.conflicts.unrecorded", 1.0, "")], measured.Conflicts);
        Assert.Single(service.Log, line => line.Level == LogLevel.Warning && 1.Equals(line.Members.GetValueOrDefault("Count")));
    }

    private ConflictLog ConflictLog(ILoggerFactory loggers, NpgsqlDataSource database) => new(
        service.Store, database, service.Host.Services.GetRequiredService<ConflictMetrics>(), loggers.CreateLogger<ConflictLog>());

    private static ConflictRecord Conflict(Guid streamId) =>
        new(TimeProvider.System.GetUtcNow(), streamId, "RenameProduct", Resolve.Reject, null, Escaped: false, 2, "ann");

    /// <summary>What the conflict log says of a stream, once it says something.</summary>
    private async Task<string> RecordedAsync(Guid id)
    {
        while (true)
        {
            await using var session = service.Store.QuerySession();
            var rows = await session.QueryAsync<string>(
                "select concat_ws(' ', command, policy, coalesce(clashing_event, ''), case when escaped then 'True' else 'False' end, attempts, actor) from inventory.conflicts where stream_id = ?",
                TestContext.Current.CancellationToken, id);
            if (rows.Count > 0)
            {
                return Assert.Single(rows);
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
