using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Inventory.Tests.Products;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Conflicts;

/// <summary>What a node remembers is true of one history of the database, and forgotten with it.</summary>
public sealed class KnownStatesTests(Service service) : IClassFixture<Service>
{
    private readonly Guid _stream = Guid.CreateVersion7();

    [Fact]
    public void A_state_is_found_in_its_own_history_and_for_a_while()
    {
        var (history, clock) = (new DatabaseHistory(), new HandSetClock());
        using var known = new KnownStates<Product>(new ConflictOptions(), history, clock);
        history.Met("a server");
        known.Keep(_stream, Example.Product(), known.History);
        Assert.NotNull(known.Find(_stream));

        history.Met("a server");
        Assert.NotNull(known.Find(_stream));

        clock.Now += new ConflictOptions().KnownStatesKept.Ticks;
        Assert.Null(known.Find(_stream));
    }

    [Fact]
    public void Another_server_or_a_lost_connection_ends_a_history()
    {
        var history = new DatabaseHistory();
        using var known = new KnownStates<Product>(new ConflictOptions(), history, new HandSetClock());
        history.Met("a server");
        var before = known.History;
        known.Keep(_stream, Example.Product(), before);

        history.Met("another server");
        Assert.Null(known.Find(_stream));
        // A commit that was under way belongs to the history in which it was decided.
        known.Keep(_stream, Example.Product(), before);
        Assert.Null(known.Find(_stream));

        known.Keep(_stream, Example.Product(), known.History);
        known.ForgetAll();
        Assert.Null(known.Find(_stream));
    }

    [Fact]
    public async Task A_database_that_was_set_back_is_not_taken_for_the_one_that_is_remembered()
    {
        var id = await service.ProductAsync(onHand: 10);
        var database = service.Host.Services.GetRequiredService<NpgsqlDataSource>();
        // As a failover does that has lost the last commits: version 2 was another event here than there.
        await ExecuteAsync($"create table kept as select * from inventory.mt_doc_product where id = '{id}'");
        Assert.Equal(200, (await SellAsync(id, 0, delta: 50)).Status);
        await ExecuteAsync(
            $"""
             delete from inventory.mt_events where stream_id = '{id}' and version = 2;
             update inventory.mt_streams set version = 1 where id = '{id}';
             delete from inventory.mt_doc_product where id = '{id}';
             insert into inventory.mt_doc_product select * from kept;
             drop table kept;
             """);
        await service.AppendAsync(id, new StockAdjusted(-1, "sale", null));
        service.Host.Services.GetRequiredService<DatabaseHistory>().Met("a promoted server");

        var sold = await SellAsync(id, 1, delta: -60);

        sold.IsProblem(422, "insufficient-stock");
        Assert.Equal(9, (await service.FoldAsync(id)).Folded.OnHand);

        async Task ExecuteAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task What_was_decided_on_one_server_is_not_committed_on_another()
    {
        var id = await service.ProductAsync(onHand: 10);
        Assert.Equal(200, (await SellAsync(id, 0, delta: -1)).Status);
        service.Race.Stage(() =>
        {
            service.Host.Services.GetRequiredService<DatabaseHistory>().Break();
            return Task.CompletedTask;
        });

        var sold = await SellAsync(id, 1, delta: -1);

        Assert.Equal((200, 2), (sold.Status, service.Race.Commits));
        Assert.Equal([1L, 2L, 3L], (await service.FoldAsync(id)).Versions);
    }

    private Task<HttpAnswer> SellAsync(Guid id, int number, int delta) =>
        service.PostAsync($"/products/{id}/adjustments", new { delta, reason = "sale", reference = $"{number}" });

    private sealed class HandSetClock : TimeProvider
    {
        public long Now { get; set; } = 1;

        public override long GetTimestamp() => Now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}
