using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Reservations;

public sealed class ReservationScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Reserved_units_are_there_and_not_for_sale()
    {
        var id = await service.ProductAsync(onHand: 10);

        var answer = await ReserveAsync(id, 4);

        Assert.Equal((201, "\"2\""), (answer.Status, answer.ETag));
        Assert.Equal($"/reservations/{IdOf(answer)}", answer.Headers["Location"]);
        Assert.Equal((10, 4, 6), StockOf(answer));
        Assert.Equal(("open", 4), (answer["reservation"]!["status"]!.GetValue<string>(), answer["reservation"]!["quantity"]!.GetValue<int>()));
        var refused = await service.PostAsync($"/products/{id}/adjustments", new { delta = -7, reason = "sale" });
        refused.IsProblem(422, "insufficient-stock");
        Assert.Equal((6, 7), (refused["available"]!.GetValue<int>(), refused["requested"]!.GetValue<int>()));
        (await ReserveAsync(id, 7)).IsProblem(422, "insufficient-stock");
    }

    [Theory]
    [InlineData("{}", 6, 0)]
    [InlineData("""{"quantity":null}""", 6, 0)]
    [InlineData("""{"quantity":4}""", 6, 0)]
    [InlineData("""{"quantity":1}""", 9, 0)]
    public async Task What_is_committed_leaves_and_the_rest_goes_back(string body, int onHand, int reserved)
    {
        var id = await service.ProductAsync(onHand: 10);
        var reservation = IdOf(await ReserveAsync(id, 4));

        var answer = await service.PostAsync($"/products/{id}/reservations/{reservation}/commit", body, ("Actor", "ann"));

        Assert.Equal((200, "\"3\""), (answer.Status, answer.ETag));
        Assert.Equal((onHand, reserved, onHand), StockOf(answer));
        Assert.Equal("committed", answer["reservation"]!["status"]!.GetValue<string>());
        var shown = await service.GetAsync($"/reservations/{reservation}");
        Assert.Equal(
            ("committed", 10 - onHand, "ann", "anonymous"),
            (shown["status"]!.GetValue<string>(), shown["committedQuantity"]!.GetValue<int>(), shown["closedBy"]!.GetValue<string>(), shown["reservedBy"]!.GetValue<string>()));
    }

    [Fact]
    public async Task What_is_released_can_be_sold_again()
    {
        var id = await service.ProductAsync(onHand: 10);

        var answer = await EndAsync(id, IdOf(await ReserveAsync(id, 4)), "release");

        Assert.Equal((200, (10, 0, 10), "released"), (answer.Status, StockOf(answer), answer["reservation"]!["status"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("commit", "commit", "reservation-committed")]
    [InlineData("commit", "release", "reservation-committed")]
    [InlineData("release", "commit", "reservation-released")]
    [InlineData("release", "release", "reservation-released")]
    public async Task A_closed_reservation_says_by_whom_and_when(string first, string then, string problem)
    {
        var id = await service.ProductAsync(onHand: 10);
        var reservation = IdOf(await ReserveAsync(id, 4));
        await EndAsync(id, reservation, first, ("Actor", "ann"));

        var answer = await EndAsync(id, reservation, then, ("Actor", "bob"));

        answer.IsProblem(422, problem);
        Assert.Equal(("ann", reservation), (answer["by"]!.GetValue<string>(), answer["reservationId"]!.GetValue<string>()));
        Assert.InRange(answer["at"]!.GetValue<DateTimeOffset>(), DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.MaxValue);
        Assert.Equal([1L, 2L, 3L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task A_commit_of_more_than_is_reserved_is_refused_and_one_of_what_is_not_there_is_not_found()
    {
        var (id, other) = (await service.ProductAsync(onHand: 10), await service.ProductAsync());
        var reservation = IdOf(await ReserveAsync(id, 4));

        (await service.PostAsync($"/products/{id}/reservations/{reservation}/commit", new { quantity = 5 })).IsProblem(422, "commit-exceeds-reservation");
        (await EndAsync(other, reservation, "commit")).IsProblem(404, "reservation-not-found");
        (await EndAsync(id, Guid.CreateVersion7().ToString(), "release")).IsProblem(404, "reservation-not-found");
        (await service.GetAsync($"/reservations/{Guid.CreateVersion7()}")).IsProblem(404, "reservation-not-found");
        (await EndAsync(id, "7", "release")).IsProblem(400, "invalid-fields");
        (await service.GetAsync("/reservations/7")).IsProblem(400, "invalid-fields");
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(-1, 60)]
    [InlineData(1, 0)]
    [InlineData(1, 2592001)]
    public async Task A_reservation_that_makes_no_sense_is_told(int quantity, int expiresInSeconds)
    {
        var id = await service.ProductAsync();

        (await service.PostAsync($"/products/{id}/reservations", new { quantity, expiresInSeconds })).IsProblem(400, "invalid-fields");
    }

    [Fact]
    public async Task A_reservation_expires_by_itself_and_its_units_can_be_sold_again()
    {
        var id = await service.ProductAsync(onHand: 10);

        var reservation = IdOf(await ReserveAsync(id, 4, seconds: 1));

        var shown = await UntilClosedAsync(reservation);
        Assert.Equal(("expired", "system"), (shown["status"]!.GetValue<string>(), shown["closedBy"]!.GetValue<string>()));
        Assert.True(shown["closedAt"]!.GetValue<DateTimeOffset>() >= shown["expiresAt"]!.GetValue<DateTimeOffset>().AddMilliseconds(-50));
        var (folded, versions) = await service.FoldAsync(id);
        Assert.Equal((10, 0, 3), (folded.OnHand, folded.Reserved, versions.Count));
        (await EndAsync(id, reservation, "commit")).IsProblem(422, "reservation-expired");
    }

    [Fact]
    public async Task A_reservation_that_was_committed_in_time_does_not_expire()
    {
        var id = await service.ProductAsync(onHand: 10);
        var committed = IdOf(await ReserveAsync(id, 4, seconds: 1));
        await EndAsync(id, committed, "commit");

        // Due after it: when this one has expired, the other's time has come and gone.
        await UntilClosedAsync(IdOf(await ReserveAsync(id, 1, seconds: 2)));

        Assert.Equal("committed", (await service.GetAsync($"/reservations/{committed}"))["status"]!.GetValue<string>());
        Assert.Equal((6, 0), ((await service.FoldAsync(id)).Folded.OnHand, (await service.FoldAsync(id)).Folded.Reserved));
    }

    [Fact]
    public async Task A_reservation_that_is_sent_again_under_its_key_is_the_same_one()
    {
        var id = await service.ProductAsync(onHand: 10);
        var key = $"key-{id}";

        var first = await service.PostAsync($"/products/{id}/reservations", new { quantity = 4, expiresInSeconds = 60 }, ("Idempotency-Key", key));
        var again = await service.PostAsync($"/products/{id}/reservations", new { quantity = 4, expiresInSeconds = 60 }, ("Idempotency-Key", key));

        Assert.Equal((first.Text, first.Headers["Location"], "true"), (again.Text, again.Headers["Location"], again.Headers["Idempotency-Replayed"]));
        Assert.Equal(4, (await service.FoldAsync(id)).Folded.Reserved);
    }

    [Fact]
    public async Task Two_who_commit_the_same_reservation_at_once_are_decided_in_order_and_the_second_is_told_of_the_first()
    {
        var id = await service.ProductAsync(onHand: 10);
        var reservation = IdOf(await ReserveAsync(id, 4));

        var answers = await HeldCommit.WhileAsync(
            service, [() => Task.CompletedTask],
            () => service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" }),
            () => EndAsync(id, reservation, "commit", ("Actor", "ann")),
            () => EndAsync(id, reservation, "commit", ("Actor", "bob")));

        Assert.Equal((200, 200), (answers[0].Status, answers[1].Status));
        answers[2].IsProblem(422, "reservation-committed");
        Assert.Equal("ann", answers[2]["by"]!.GetValue<string>());
        Assert.Equal((7, 0), ((await service.FoldAsync(id)).Folded.OnHand, (await service.FoldAsync(id)).Folded.Reserved));
    }

    [Fact]
    public async Task A_commit_that_loses_its_race_to_the_release_on_another_node_is_refused()
    {
        var id = await service.ProductAsync(onHand: 10);
        var reservation = IdOf(await ReserveAsync(id, 4));
        service.Race.Stage(() => service.AppendAsync(id, new ReservationReleased(Guid.Parse(reservation), 4), "bob"));

        var answer = await EndAsync(id, reservation, "commit");

        answer.IsProblem(422, "reservation-released");
        Assert.Equal("bob", answer["by"]!.GetValue<string>());
        Assert.Equal((10, 0), ((await service.FoldAsync(id)).Folded.OnHand, (await service.FoldAsync(id)).Folded.Reserved));
    }

    [Fact]
    public async Task The_open_reservations_of_a_product_are_listed_page_by_page_the_newest_first()
    {
        var id = await service.ProductAsync(onHand: 10);
        var made = new List<string>();
        for (var n = 0; n < 5; n++)
        {
            made.Add(IdOf(await ReserveAsync(id, 1)));
        }

        await EndAsync(id, made[1], "release");
        var first = await service.GetAsync($"/products/{id}/reservations?limit=2");
        var second = await service.GetAsync($"/products/{id}/reservations?limit=2&cursor={first["next"]!.GetValue<string>()}");

        Assert.Equal([made[4], made[3], made[2], made[0]], Ids(first).Concat(Ids(second)));
        Assert.Null(second["next"]);
        Assert.Equal([made[1]], Ids(await service.GetAsync($"/products/{id}/reservations?status=released")));
        foreach (var query in (string[])["limit=0", "limit=201", "status=0", "status=Open", "cursor=7", "limit=1&limit=2"])
        {
            (await service.GetAsync($"/products/{id}/reservations?{query}")).IsProblem(400, "malformed-request");
        }

        (await service.GetAsync($"/products/{Guid.CreateVersion7()}/reservations")).IsProblem(404, "product-not-found");
    }

    [Fact]
    public async Task A_products_state_does_not_grow_with_its_reservations()
    {
        var (few, many) = (await service.ProductAsync(onHand: 1_000), await service.ProductAsync(onHand: 1_000));
        await ReserveAsync(few, 1);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => ReserveAsync(many, 1)));

        Assert.InRange(await SizeAsync(many), 1, await SizeAsync(few) + 10);

        async Task<int> SizeAsync(Guid id)
        {
            await using var command = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
                "select length(data::text) from inventory.mt_doc_product where id = $1");
            command.Parameters.Add(new() { Value = id });
            return (int)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }
    }

    private async Task<HttpAnswer> UntilClosedAsync(string reservation)
    {
        HttpAnswer shown;
        while ((shown = await service.GetAsync($"/reservations/{reservation}"))["status"]!.GetValue<string>() == "open")
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return shown;
    }

    private Task<HttpAnswer> ReserveAsync(Guid id, int quantity, int seconds = 600) =>
        service.PostAsync($"/products/{id}/reservations", new { quantity, expiresInSeconds = seconds });

    private Task<HttpAnswer> EndAsync(Guid id, string reservation, string verb, params (string, string)[] headers) =>
        service.PostAsync($"/products/{id}/reservations/{reservation}/{verb}", new { }, headers);

    private static string IdOf(HttpAnswer answer) => answer["reservation"]!["id"]!.GetValue<string>();

    private static (int OnHand, int Reserved, int Available) StockOf(HttpAnswer answer) =>
        (answer["product"]!["onHand"]!.GetValue<int>(), answer["product"]!["reserved"]!.GetValue<int>(), answer["product"]!["available"]!.GetValue<int>());

    private static IEnumerable<string> Ids(HttpAnswer page) => page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>());
}
