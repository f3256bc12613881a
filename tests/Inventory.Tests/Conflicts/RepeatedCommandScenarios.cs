using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Reservations;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wolverine;

namespace Inventory.Tests.Conflicts;

/// <summary>A service without background work, some of which rolls back transactions of its own.</summary>
public sealed class QuietService(DatabaseServer server) : Service(server)
{
    protected override void Configure(IWebHostBuilder builder) =>
        builder.ConfigureServices(services => services.ConfigureWolverine(options => options.Durability.Mode = DurabilityMode.Serverless));
}

/// <summary>What comes again costs a look-up, whoever sends it, and is told what became of it the first time.</summary>
public sealed class RepeatedCommandScenarios(QuietService service) : IClassFixture<QuietService>
{
    private const int Repetitions = 100;
    private const int LooksMax = 1_200;

    [Fact]
    public async Task A_message_that_is_delivered_twice_is_told_how_it_ended_and_holds_up_nobody()
    {
        var id = await service.ProductAsync(onHand: 10);
        var reserved = await service.PostAsync($"/products/{id}/reservations", new { quantity = 4, expiresInSeconds = 600 });
        var due = new ReservationDue(id, Guid.Parse(reserved["reservation"]!["id"]!.GetValue<string>()), DateTimeOffset.UnixEpoch);
        var envelope = new Envelope(due) { Id = Guid.CreateVersion7() };
        using var measured = new Measured(service);

        await HandleAsync(due, envelope);
        await HandleAsync(due, envelope);
        var next = await service.PostAsync($"/products/{id}/adjustments", new { delta = -10, reason = "sale" });

        Assert.Equal(200, next.Status);
        Assert.Equal([1L, 2L, 3L, 4L], (await service.FoldAsync(id)).Versions);
        Assert.Empty(measured.Conflicts);
    }

    [Theory]
    [InlineData("adjust")]
    [InlineData("rename")]
    [InlineData("order")]
    public async Task A_request_that_is_repeated_leaves_neither_a_tombstone_nor_a_transaction_that_was_rolled_back(string command)
    {
        var id = await service.ProductAsync(onHand: 10);
        var (tombstones, rolledBack, commits) = await TracesAsync();
        var first = await SendAsync(command, id);
        Assert.Equal(200, first.Status);

        for (var time = 0; time < Repetitions; time++)
        {
            var again = await SendAsync(command, id);
            Assert.Equal((200, first.Text, true), (again.Status, again.Text, again.Headers.ContainsKey("Idempotency-Replayed")));
        }

        var after = await TracesAsync(commits + Repetitions);
        Assert.Equal((tombstones, rolledBack), (after.Tombstones, after.RolledBack));
    }

    [Fact]
    public async Task An_order_of_a_product_that_is_not_there_is_executed_when_it_is()
    {
        var id = Guid.CreateVersion7();
        var order = new { lines = new[] { new { productId = id, delta = -5 } }, reason = "sale" };
        (await service.PostAsync("/adjustments", order, ("Idempotency-Key", "early"))).IsProblem(404, "product-not-found");
        Assert.Equal(201, (await service.PostAsync("/products", new { id, sku = $"{id}", name = "Late", initialQuantity = 10 })).Status);

        var again = await service.PostAsync("/adjustments", order, ("Idempotency-Key", "early"));

        Assert.Equal(200, again.Status);
        Assert.Equal(5, (await service.FoldAsync(id)).Folded.OnHand);
    }

    private async Task HandleAsync(ReservationDue due, Envelope envelope)
    {
        await using var scope = service.Host.Services.CreateAsyncScope();
        await ReservationDueHandler.Handle(due, scope.ServiceProvider.GetRequiredService<CommandSender<Product>>(), envelope);
    }

    private Task<HttpAnswer> SendAsync(string command, Guid id)
    {
        (string, string) key = ("Idempotency-Key", $"{command}-{id}");
        return command switch
        {
            "adjust" => service.PostAsync($"/products/{id}/adjustments", new { delta = -5, reason = "sale" }, key),
            "rename" => service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Seen-Version", "1"), key),
            _ => service.PostAsync("/adjustments", new { lines = new[] { new { productId = id, delta = -5 } }, reason = "sale" }, key),
        };
    }

    /// <summary>How many tombstones there are, and how many transactions of the database were rolled back.</summary>
    /// <param name="commits">
    /// How many transactions have committed at least: a session that is idle tells its counts within some ten seconds, both together.
    /// </param>
    private async Task<(long Tombstones, long RolledBack, long Commits)> TracesAsync(long commits = 0)
    {
        var database = service.Host.Services.GetRequiredService<NpgsqlDataSource>();
        for (var looks = 0; await AskAsync(database, "select xact_commit from pg_stat_database where datname = current_database()") < commits; looks++)
        {
            Assert.True(looks < LooksMax, $"The database has not told of {commits} commits.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        return (
            await AskAsync(database, "select count(*) from inventory.mt_events where type = 'tombstone'"),
            await AskAsync(database, "select xact_rollback from pg_stat_database where datname = current_database()"),
            await AskAsync(database, "select xact_commit from pg_stat_database where datname = current_database()"));
    }

    private static async Task<long> AskAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
