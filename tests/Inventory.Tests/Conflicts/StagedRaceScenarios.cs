using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Hosting;
using Marten;
using Marten.Services;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wolverine;
using Wolverine.Tracking;

namespace Inventory.Tests.Conflicts;

/// <summary>A service that also knows <see cref="SellAndTell"/>.</summary>
public sealed class ServiceThatTells(DatabaseServer server) : Service(server)
{
    protected override void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services =>
        services.ConfigureWolverine(options => options.Discovery
            .IncludeType(typeof(SellAndTellHandler)).IncludeType(typeof(SoldHandler))));
}

/// <summary>Races that are lost for certain: a competitor appends between a command's load and its commit.</summary>
public sealed class StagedRaceScenarios(ServiceThatTells service) : IClassFixture<ServiceThatTells>
{
    [Fact]
    public async Task A_delta_that_loses_is_decided_again_under_a_row_lock_and_wins_at_the_second_attempt()
    {
        var id = await service.ProductAsync(onHand: 100);
        service.Race.Stage(() => Sell(id, 1));

        var answer = await service.PostAsync($"/products/{id}/adjustments", new { delta = -10, reason = "sale" });

        Assert.Equal((200, "\"3\"", 2), (answer.Status, answer.ETag, service.Race.Commits));
        Assert.Equal(89, answer["product"]!["onHand"]!.GetValue<int>());
        var (folded, versions) = await service.FoldAsync(id);
        Assert.Equal((89, 3), (folded.OnHand, versions.Count));
    }

    [Fact]
    public async Task A_rename_that_loses_to_two_deltas_wins_at_the_third_attempt()
    {
        var id = await service.ProductAsync(onHand: 100);
        service.Race.Stage(() => Sell(id, 1), () => Sell(id, 2));

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "1"));

        Assert.Equal((200, "\"4\"", 3), (answer.Status, answer.ETag, service.Race.Commits));
        var (folded, versions) = await service.FoldAsync(id);
        Assert.Equal((97, "Widget", 4), (folded.OnHand, folded.Name, versions.Count));
    }

    [Fact]
    public async Task A_refusal_after_a_lost_race_is_true_of_the_newer_state()
    {
        var id = await service.ProductAsync(onHand: 10);
        service.Race.Stage(() => Sell(id, 5));

        var answer = await service.PostAsync($"/products/{id}/adjustments", new { delta = -6, reason = "sale" });

        answer.IsProblem(422, "insufficient-stock");
        Assert.Equal((2, 5), (answer["version"]!.GetValue<int>(), answer["available"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_clash_that_appears_between_load_and_commit_is_told_although_no_version_was_named()
    {
        var id = await service.ProductAsync();
        service.Race.Stage(() => service.AppendAsync(id, new ProductDiscontinued("recall")));

        var answer = await service.PostAsync($"/products/{id}/adjustments", new { delta = -1, reason = "sale" });

        answer.IsProblem(409, "version-conflict");
        Assert.Equal((1, 2), (answer["seenVersion"]!.GetValue<int>(), answer["currentVersion"]!.GetValue<int>()));
        Assert.Equal([1L, 2L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task A_rename_that_loses_to_a_delta_is_merged_at_the_second_attempt()
    {
        var id = await service.ProductAsync(onHand: 100);
        service.Race.Stage(() => Sell(id, 5));

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "1"));

        Assert.Equal((200, "\"3\"", "merged", 2), (answer.Status, answer.ETag, answer["outcome"]!.GetValue<string>(), service.Race.Commits));
        Assert.Equal("−5 (sale), 95 on hand", answer["mergedWith"]![0]!["summary"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_rename_that_loses_to_a_rename_is_rejected_and_never_applied()
    {
        var id = await service.ProductAsync();
        service.Race.Stage(() => service.AppendAsync(id, new ProductRenamed("Faster", "Widgit")));

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Slower" }, ("Seen-Version", "1"));

        answer.IsProblem(409, "version-conflict");
        Assert.Equal("Faster", (await service.FoldAsync(id)).Folded.Name);
    }

    [Fact]
    public async Task If_match_that_held_at_load_and_not_at_commit_is_a_failed_precondition()
    {
        var id = await service.ProductAsync();
        service.Race.Stage(() => Sell(id, 5));

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("If-Match", "\"1\""));

        answer.IsProblem(412, "version-conflict");
        Assert.Equal((1, 2), (answer["seenVersion"]!.GetValue<int>(), answer["currentVersion"]!.GetValue<int>()));
    }

    /// <summary>
    /// Marten asks for the stream's version and then for the snapshot. A lock on the snapshots holds the load between the two
    /// until a competitor has committed, so the snapshot that is then read is newer than the version.
    /// </summary>
    [Fact]
    public async Task A_snapshot_that_is_newer_than_the_version_read_before_it_is_a_lost_race()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var id = await service.ProductAsync(onHand: 100);
        await using var connection = await service.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync("lock table inventory.mt_doc_product in access exclusive mode");

        var answering = service.PostAsync($"/products/{id}/adjustments", new { delta = -10, reason = "sale" });
        while (await ExecuteAsync("select 1 from pg_locks where relation = 'inventory.mt_doc_product'::regclass and not granted") is null)
        {
            await Task.Delay(10, cancellation);
        }

        await using (var session = service.Store.LightweightSession(SessionOptions.ForTransaction(transaction)))
        {
            var stream = await session.Events.FetchForWriting<Product>(id, cancellation);
            stream.AppendOne(new StockAdjusted(-1, "sale", null));
            await session.SaveChangesAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        var answer = await answering;

        Assert.Equal((200, "\"3\"", 89), (answer.Status, answer.ETag, answer["product"]!["onHand"]!.GetValue<int>()));

        async Task<object?> ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            return await command.ExecuteScalarAsync(cancellation);
        }
    }

    [Fact]
    public async Task A_retried_command_publishes_its_message_once()
    {
        var id = await service.ProductAsync(onHand: 100);
        service.Race.Stage(() => Sell(id, 1), () => Sell(id, 1), () => Sell(id, 1));

        await service.Host.ExecuteAndWaitAsync(async () =>
        {
            await using var scope = service.Host.Services.CreateAsyncScope();
            var outcome = await scope.ServiceProvider.GetRequiredService<CommandSender<Product>>().SendAsync(
                id, new SellAndTell(id, 10), new CommandContext("user-1", Guid.CreateVersion7(), Precondition.None));
            Assert.Equal(87, Assert.IsType<Outcome<Product>.Accepted>(outcome).State.OnHand);
        });

        Assert.Equal(4, service.Race.Commits);
        Assert.Single(SoldHandler.Received, sold => sold.ProductId == id);
    }

    [Fact]
    public async Task As_many_callers_of_a_retry_command_as_come_at_once_all_succeed()
    {
        const int Callers = 256;
        var id = await service.ProductAsync(onHand: Callers);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            await using var scope = service.Host.Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<CommandSender<Product>>().SendAsync(
                id, new SellAndTell(id, 1), new CommandContext("user-1", Guid.CreateVersion7(), Precondition.None));
        }));

        Assert.Equal(Enumerable.Range(2, Callers).Select(v => (long)v), outcomes.Select(o => Assert.IsType<Outcome<Product>.Accepted>(o).State.Version).Order());
        Assert.Equal(0, (await service.FoldAsync(id)).Folded.OnHand);
    }

    private Task Sell(Guid id, int quantity) => service.AppendAsync(id, new StockAdjusted(-quantity, "sale", null));
}

/// <summary>A service whose clock a test can put forward.</summary>
public sealed class ServiceWithClock(DatabaseServer server) : Service(server)
{
    public ShiftedClock Clock { get; } = new();

    protected override void Configure(IWebHostBuilder builder)
    {
        builder.UseSetting("Conflicts:RetryDeadline", "00:01:00");
        builder.ConfigureServices(services => services.AddSingleton<TimeProvider>(Clock));
    }
}

public sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}

public sealed class DeadlineScenarios(ServiceWithClock service) : IClassFixture<ServiceWithClock>
{
    [Fact]
    public async Task A_command_that_loses_until_its_deadline_says_that_nothing_was_written()
    {
        var id = await service.ProductAsync(onHand: 100);
        service.Race.Stage(ReceiveAsync, ReceiveAsync, async () =>
        {
            await ReceiveAsync();
            service.Clock.Shift = TimeSpan.FromHours(1);
        });
        using var measured = new Measured(service);

        var answer = await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "1"));

        answer.IsProblem(503, "conflict-retries-exhausted");
        Assert.Equal("1", answer.Headers["Retry-After"]);
        var (folded, versions) = await service.FoldAsync(id);
        Assert.Equal((3, 103, 4), (service.Race.Commits, folded.OnHand, versions.Count));
        Assert.Equal([("inventory.conflicts.escaped", 1.0, "RenameProduct Reject none")], measured.Conflicts);
        Assert.Contains(("inventory.commands.attempts", 3.0, "RenameProduct"), measured.All);

        Task ReceiveAsync() => service.AppendAsync(id, new StockAdjusted(1, "receipt", null));
    }
}

/// <summary>A service that soon gives up a product that somebody else holds.</summary>
public sealed class ServiceWithoutPatience(DatabaseServer server) : Service(server)
{
    protected override string Way(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Options = "-c lock_timeout=20" }.ConnectionString;

    protected override void Configure(IWebHostBuilder builder) => builder.UseSetting("Conflicts:RetryDeadline", "00:00:02");
}

public sealed class HeldProductScenarios(ServiceWithoutPatience service) : IClassFixture<ServiceWithoutPatience>
{
    [Fact]
    public async Task A_delta_on_a_product_that_somebody_holds_until_the_deadline_says_that_nothing_was_written()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var id = await service.ProductAsync(onHand: 100);
        await using var connection = await service.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var holding = new NpgsqlCommand("select 1 from inventory.mt_streams where id = $1 for update", connection, transaction))
        {
            holding.Parameters.Add(new() { Value = id });
            await holding.ExecuteNonQueryAsync(cancellation);
        }

        using var measured = new Measured(service);

        var answer = await service.PostAsync($"/products/{id}/adjustments", new { delta = -1, reason = "sale" });

        answer.IsProblem(503, "conflict-retries-exhausted");
        Assert.Equal([("inventory.conflicts.escaped", 1.0, "AdjustStock Merge none")], measured.Conflicts);
        var attempts = Assert.Single(measured.All, m => m.Name == "inventory.commands.attempts");
        Assert.True(attempts.Value > 1, $"It was given up at attempt {attempts.Value}.");
        Assert.Equal([1L], (await service.FoldAsync(id)).Versions);
    }
}
