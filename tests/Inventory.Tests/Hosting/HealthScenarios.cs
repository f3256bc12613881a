using System.Text.Json.Nodes;
using Inventory.Slices.Products;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Hosting;

public sealed class HealthScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_projection_that_cannot_apply_an_event_is_named_its_lag_grows_and_commands_go_on()
    {
        var id = await service.ProductAsync();
        await service.GetUpToDateAsync("/products");
        await service.GetUpToDateAsync("/stock/movements");
        Assert.Equal((200, "healthy"), await ReadyAsync());
        var poisoned = await service.ProductAsync();
        await using (var command = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            insert into inventory.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type)
            select nextval('inventory.mt_events_sequence'), gen_random_uuid(), stream_id, 2, '"no object"', type, now(), tenant_id, mt_dotnet_type
            from inventory.mt_events where stream_id = $1
            """))
        {
            command.Parameters.Add(new() { Value = poisoned });
            Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(200, (await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" })).Status);
        string description;
        while (true)
        {
            var ready = await service.GetAsync("/health/ready");
            description = $"{ready["checks"]!["projections"]!["description"]}";
            if (description.Contains("products:All", StringComparison.Ordinal) && description.Contains("stopped", StringComparison.Ordinal))
            {
                Assert.Equal(503, ready.Status);
                break;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        var before = (await service.GetAsync("/products"))["freshness"]!;
        Assert.Equal(200, (await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" })).Status);
        var after = (await service.GetAsync("/products"))["freshness"]!;
        Assert.False(after["upToDate"]!.GetValue<bool>());
        Assert.Equal(Lag(before, "lagEvents") + 1, Lag(after, "lagEvents"));
        Assert.True(Lag(after, "lagMs") > Lag(before, "lagMs"));
        Assert.Equal(200, (await service.GetAsync("/health/live")).Status);

        static long Lag(JsonNode freshness, string member) => freshness[member]!.GetValue<long>();
    }

    private async Task<(int, string)> ReadyAsync()
    {
        var answer = await service.GetAsync("/health/ready");
        return (answer.Status, $"{answer["status"]}");
    }
}

public sealed class UnstalledProjections(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_projection_that_the_database_stopped_goes_on_by_itself_when_it_can_write_again()
    {
        var id = await service.ProductAsync(name: "Stopped");
        await service.GetAfterAsync("/products", id);
        await ExecuteAsync("create function inventory.away() returns trigger language plpgsql as 'begin raise exception ''away''; end'");
        await ExecuteAsync("create trigger away before insert or update on inventory.product_list for each row execute function inventory.away()");
        await service.AppendAsync(id, new StockAdjusted(-1, "sale", null));
        HttpAnswer ready;
        do
        {
            ready = await service.GetAsync("/health/ready");
        }
        while (!$"{ready["checks"]!["projections"]!["description"]}".Contains("stopped", StringComparison.Ordinal));

        await ExecuteAsync("drop trigger away on inventory.product_list");

        Assert.Equal(["99"], (await service.GetAfterAsync("/products?search=stopped", id)).Items("onHand"));
        await service.AppendAsync(id, new StockAdjusted(-1, "sale", null));
        Assert.Equal(["98"], (await service.GetAfterAsync("/products?search=stopped", id)).Items("onHand"));

        async Task ExecuteAsync(string statement)
        {
            await using var command = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(statement);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A node that was paused for long wakes up, and finds that another one has gone on with its projection.</summary>
    [Fact]
    public async Task A_projection_that_somebody_else_has_brought_forward_goes_on_from_there()
    {
        var (done, next) = (await service.ProductAsync(name: "Done elsewhere"), await service.ProductAsync(name: "Next here"));
        await service.GetAfterAsync("/products", done, next);
        var cancellation = TestContext.Current.CancellationToken;
        await using var connection = await service.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await using (var transaction = await connection.BeginTransactionAsync(cancellation))
        {
            await using var session = service.Store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
            var stream = await session.Events.FetchForWriting<Product>(done, cancellation);
            stream.AppendOne(new StockAdjusted(-1, "sale", null));
            await session.SaveChangesAsync(cancellation);
            await using var advance = new NpgsqlCommand(
                "update inventory.mt_event_progression set last_seq_id = (select max(seq_id) from inventory.mt_events) where name = 'products:All'", connection, transaction);
            Assert.Equal(1, await advance.ExecuteNonQueryAsync(cancellation));
            await transaction.CommitAsync(cancellation);
        }

        await service.AppendAsync(next, new StockAdjusted(-1, "sale", null));

        Assert.Equal(["99"], (await service.GetAfterAsync("/products?search=next", next)).Items("onHand"));
        await service.GetUpToDateAsync("/products");
    }

    [Fact]
    public async Task A_transaction_that_is_slow_to_commit_is_waited_for_and_never_passed_by()
    {
        var (slow, quick) = (await service.ProductAsync(name: "Slow"), await service.ProductAsync(name: "Quick"));
        var start = (await service.GetUpToDateAsync("/products"))["freshness"]!["asOfSequence"]!.GetValue<long>();
        var cancellation = TestContext.Current.CancellationToken;
        await using var connection = await service.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var session = service.Store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction)))
        {
            var stream = await session.Events.FetchForWriting<Product>(slow, cancellation);
            stream.AppendOne(new StockAdjusted(-1, "sale", null));
            await session.SaveChangesAsync(cancellation);
        }

        await service.AppendAsync(quick, new StockAdjusted(-2, "sale", null));
        JsonNode freshness;
        do
        {
            // Longer than it takes until a gap that nobody holds is given up.
            freshness = (await service.GetAsync("/products"))["freshness"]!;
            Assert.Equal(start, freshness["asOfSequence"]!.GetValue<long>());
            await Task.Delay(100, cancellation);
        }
        while (freshness["lagMs"]!.GetValue<long>() < 6_000);

        await transaction.CommitAsync(cancellation);

        Assert.Equal(["99"], (await service.GetAfterAsync("/products?search=slow", slow)).Items("onHand"));
        Assert.Equal(["98"], (await service.GetAfterAsync("/products?search=quick", quick)).Items("onHand"));
        var told = new List<string>();
        await foreach (var (_, _, data) in EventStreamReader.ReadAsync(service.Host.Server.CreateClient(), "/changes", start, cancellation))
        {
            told.Add($"{data["productId"]}");
            if (told.Count == 2)
            {
                break;
            }
        }

        Assert.Equal([$"{slow}", $"{quick}"], told);
    }

    [Fact]
    public async Task Lost_races_refused_batches_and_failed_creations_leave_no_gap_that_projections_would_wait_for()
    {
        var id = await service.ProductAsync(name: "Raced");
        for (var n = 0; n < 20; n++)
        {
            var delta = n + 1;
            service.Race.Stage(() => service.AppendAsync(id, new StockAdjusted(delta, "receipt", null)));
            Assert.Equal(200, (await service.PostAsync($"/products/{id}/adjustments", new { delta = -1, reason = "sale" })).Status);
            service.Race.Stage(() => service.AppendAsync(id, new ProductRenamed($"Raced {delta}", "Raced")));
            var now = (await service.FoldAsync(id)).Versions[^1];
            Assert.Equal(409, (await service.PutAsync($"/products/{id}/name", new { name = "Mine" }, ("Seen-Version", $"{now}"))).Status);
        }

        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => service.PostAsync("/products", new { sku = $"TWICE-{n % 2}", name = "Twice", initialQuantity = 1 })));

        await using (var command = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select max(seq_id) - count(*) from inventory.mt_events"))
        {
            Assert.Equal(0L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }

        await service.GetUpToDateAsync("/products");
    }
}
