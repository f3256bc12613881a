using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Marten;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Conflicts;

/// <summary>A service with one lane, so that a test knows what waits for what.</summary>
public sealed class ServiceWithOneLane(DatabaseServer server) : Service(server)
{
    protected override void Configure(IWebHostBuilder builder)
    {
        builder.UseSetting("Conflicts:Lanes", "1");
        builder.UseSetting("Conflicts:WaitingPerStreamMax", "20");
    }
}

/// <summary>What waits while a commit is under way is decided in order and committed together.</summary>
public sealed class CombinerScenarios(ServiceWithOneLane service) : IClassFixture<ServiceWithOneLane>
{
    [Fact]
    public async Task What_waits_is_folded_into_one_commit_in_which_each_command_keeps_its_own_event_and_answer()
    {
        var id = await service.ProductAsync(onHand: 10);
        var answers = await WhileACommitIsHeldAsync(
            () => AdjustAsync(id, -4, "ann"), () => AdjustAsync(id, -7, "ben"), () => AdjustAsync(id, -6, "cas"), () => AdjustAsync(id, +1, "dee"));

        Assert.Equal(2, service.Race.Commits); // The one that was held, and one for all that waited.
        Assert.Equal([200, 422, 200, 200], answers.Select(answer => answer.Status));
        Assert.Equal(["\"2\"", "\"2\"", "\"3\"", "\"4\""], answers.Select(answer => answer.ETag));
        Assert.Equal([6, 0, 1], answers.Where(answer => answer.Status == 200).Select(answer => answer["product"]!["onHand"]!.GetValue<int>()));
        Assert.Equal((2, 6, 7), (answers[1]["version"]!.GetValue<int>(), answers[1]["available"]!.GetValue<int>(), answers[1]["requested"]!.GetValue<int>()));
        Assert.Equal([(2L, "ann", -4), (3L, "cas", -6), (4L, "dee", 1)], await HistoryAsync(id));
    }

    [Fact]
    public async Task Commands_under_other_policies_keep_their_place_in_the_line()
    {
        var id = await service.ProductAsync(onHand: 10);
        var answers = await WhileACommitIsHeldAsync(
            () => AdjustAsync(id, -1, "ann"),
            () => service.PutAsync($"/products/{id}/name", new { name = "Renamed" }, ("If-Match", "\"2\"")),
            () => AdjustAsync(id, -2, "cas"));

        Assert.Equal(["\"2\"", "\"3\"", "\"4\""], answers.Select(answer => answer.ETag));
        Assert.Equal(["Widgit", "Renamed", "Renamed"], answers.Select(answer => answer["product"]!["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_caller_who_saw_an_older_version_is_told_of_its_neighbours_in_the_same_commit()
    {
        var id = await service.ProductAsync(onHand: 10);
        var answers = await WhileACommitIsHeldAsync(
            () => AdjustAsync(id, -1, "ann"),
            () => AdjustAsync(id, -2, "ben", ("Seen-Version", "1")),
            () => AdjustAsync(id, -3, "cas", ("If-Match", "\"2\"")),
            () => AdjustAsync(id, -3, "dee", ("If-Match", "\"3\"")));

        Assert.Equal([200, 200, 412, 200], answers.Select(answer => answer.Status));
        Assert.Equal("merged", answers[1]["outcome"]!.GetValue<string>());
        Assert.Equal("−1 (sale), 9 on hand by ann", Words(answers[1]["mergedWith"]![0]!));
        Assert.Equal("−2 (sale), 7 on hand by ben", Words(answers[2]["changes"]![0]!));

        static string Words(System.Text.Json.Nodes.JsonNode change) => $"{change["summary"]!.GetValue<string>()} by {change["actor"]!.GetValue<string>()}";
    }

    [Fact]
    public async Task A_product_that_is_lost_to_another_node_does_not_fail_the_others_of_the_commit()
    {
        var (lost, other) = (await service.ProductAsync(onHand: 10), await service.ProductAsync(onHand: 10));
        await AdjustAsync(lost, -1, "ann"); // From now on its state is known here, and about to be out of date.
        var answers = await WhileACommitIsHeldAsync(
            async () =>
            {
                var first = AdjustAsync(other, -1, "ann");
                await first.WaitAsync(TimeSpan.FromMinutes(1));
                return await first;
            },
            () => AdjustAsync(lost, -2, "ben"),
            () => AdjustAsync(other, -3, "cas"));
        await service.AppendAsync(lost, new StockAdjusted(-1, "sale", null));

        var afterwards = await AdjustAsync(lost, -6, "dee");
        var tooMuch = await AdjustAsync(lost, -1, "eve");

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal((200, "\"5\""), (afterwards.Status, afterwards.ETag));
        tooMuch.IsProblem(422, "insufficient-stock");
        Assert.Equal([(2L, "ann", -1), (3L, "ben", -2), (4L, StagedRace.Competitor, -1), (5L, "dee", -6)], await HistoryAsync(lost));
    }

    [Fact]
    public async Task A_race_lost_by_one_product_of_a_commit_is_decided_again_for_all_and_nothing_is_written_twice()
    {
        var (lost, other) = (await service.ProductAsync(onHand: 10), await service.ProductAsync(onHand: 10));
        var answers = await WhileACommitIsHeldAsync(
            [() => Task.CompletedTask, () => service.AppendAsync(lost, new StockAdjusted(-1, "sale", null))],
            () => AdjustAsync(other, -1, "ann"), () => AdjustAsync(lost, -2, "ben"), () => AdjustAsync(other, -3, "cas"));

        Assert.Equal(3, service.Race.Commits);
        Assert.Equal(["\"2\"", "\"3\"", "\"3\""], answers.Select(answer => answer.ETag));
        Assert.Equal([(2L, StagedRace.Competitor, -1), (3L, "ben", -2)], await HistoryAsync(lost));
        Assert.Equal([(2L, "ann", -1), (3L, "cas", -3)], await HistoryAsync(other));
    }

    [Fact]
    public async Task A_refusal_on_a_state_that_was_only_remembered_is_checked_against_the_store()
    {
        var id = await service.ProductAsync(onHand: 10);
        await AdjustAsync(id, -10, "ann"); // Remembered: nothing left.
        await service.AppendAsync(id, new StockAdjusted(5, "receipt", null));

        var answer = await AdjustAsync(id, -5, "ben");

        Assert.Equal((200, "\"4\""), (answer.Status, answer.ETag));
    }

    [Fact]
    public async Task An_event_from_before_the_command_came_is_not_held_against_a_caller_who_named_no_version()
    {
        var id = await service.ProductAsync(onHand: 10);
        await AdjustAsync(id, -1, "ann"); // Remembered, and then discontinued by somebody else.
        await service.AppendAsync(id, new ProductDiscontinued(null));

        (await AdjustAsync(id, -1, "ben")).IsProblem(422, "product-discontinued");
    }

    [Fact]
    public async Task A_product_that_somebody_holds_delays_nobody_else_for_long_and_is_done_when_it_is_free()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (held, other) = (await service.ProductAsync(onHand: 10), await service.ProductAsync(onHand: 10));
        await using var connection = await service.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var holding = new NpgsqlCommand("select 1 from inventory.mt_streams where id = $1 for update", connection, transaction))
        {
            holding.Parameters.Add(new() { Value = held });
            await holding.ExecuteNonQueryAsync(cancellation);
        }

        var waiting = AdjustAsync(held, -1, "ann");
        Assert.Equal(200, (await AdjustAsync(other, -1, "ben")).Status);
        Assert.Equal(200, (await AdjustAsync(other, -1, "ben")).Status);
        Assert.False(waiting.IsCompleted);

        await transaction.CommitAsync(cancellation);
        Assert.Equal((200, "\"2\""), ((await waiting).Status, (await waiting).ETag));
    }

    [Fact]
    public async Task A_product_whose_snapshot_cannot_be_read_fails_alone()
    {
        var (broken, other) = (await service.ProductAsync(), await service.ProductAsync());
        await using (var session = service.Store.LightweightSession())
        {
            session.QueueSqlCommand("update inventory.mt_doc_product set data = '{\"Id\": 7}' where id = ?", broken);
            await session.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var answers = await WhileACommitIsHeldAsync(
            () => AdjustAsync(other, -1, "ann"), () => AdjustAsync(broken, -1, "ben"), () => AdjustAsync(other, -1, "cas"));

        Assert.Equal([200, 500, 200], answers.Select(answer => answer.Status));
        Assert.Equal(200, (await AdjustAsync(other, -1, "dee")).Status);
    }

    [Fact]
    public async Task A_full_line_turns_the_next_command_away_and_nothing_of_it_is_written()
    {
        var id = await service.ProductAsync(onHand: 1000);
        var answers = await WhileACommitIsHeldAsync([.. Enumerable.Repeat(() => AdjustAsync(id, -1, "ann"), 23)]);

        // One was being committed, twenty waited.
        Assert.Equal((21, 2), (answers.Count(answer => answer.Status == 200), answers.Count(answer => answer.Status == 503)));
        var turnedAway = answers.First(answer => answer.Status == 503);
        turnedAway.IsProblem(503, "overloaded");
        Assert.Equal("1", turnedAway.Headers["Retry-After"]);
        Assert.Equal(21, (await HistoryAsync(id)).Count);
    }

    [Fact]
    public async Task A_command_of_an_unknown_product_among_others_is_not_found()
    {
        var id = await service.ProductAsync();
        var answers = await WhileACommitIsHeldAsync(
            () => AdjustAsync(id, -1, "ann"), () => AdjustAsync(Guid.CreateVersion7(), -1, "ben"), () => AdjustAsync(id, -1, "cas"));

        Assert.Equal([200, 404, 200], answers.Select(answer => answer.Status));
    }

    private Task<HttpAnswer[]> WhileACommitIsHeldAsync(params Func<Task<HttpAnswer>>[] commands) =>
        WhileACommitIsHeldAsync([() => Task.CompletedTask], commands);

    private Task<HttpAnswer[]> WhileACommitIsHeldAsync(Func<Task>[] competitors, params Func<Task<HttpAnswer>>[] commands) =>
        HeldCommit.WhileAsync(service, competitors, commands);

    private Task<HttpAnswer> AdjustAsync(Guid id, int delta, string actor, params (string, string)[] headers) =>
        service.PostAsync($"/products/{id}/adjustments", new { delta, reason = "sale" }, [("Actor", actor), .. headers]);

    private async Task<IReadOnlyList<(long Version, string Actor, int Delta)>> HistoryAsync(Guid id)
    {
        await using var session = service.Store.QuerySession();
        var events = await session.Events.FetchStreamAsync(id, token: TestContext.Current.CancellationToken);
        return [.. events.Skip(1).Select(e => (e.Version, e.UserName!, ((StockAdjusted)e.Data).Delta))];
    }
}
