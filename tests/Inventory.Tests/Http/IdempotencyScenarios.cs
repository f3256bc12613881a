using System.Text.Json;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Hosting;
using Inventory.Tests.Hosting;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Http;

/// <summary>A request that is sent again under its <c>Idempotency-Key</c> is answered again, not executed again.</summary>
public sealed class IdempotencyScenarios(Service service) : IClassFixture<Service>
{
    private readonly string _key = Guid.CreateVersion7().ToString();

    [Fact]
    public async Task An_accepted_delta_is_answered_again_to_the_byte_and_applied_once()
    {
        var id = await service.ProductAsync(onHand: 100);
        var first = await AdjustAsync(id, -5, _key);
        await service.AppendAsync(id, new StockAdjusted(-1, "sale", null)); // Whatever happened since does not matter.

        var again = await AdjustAsync(id, -5, _key);

        IsReplayOf(first, again);
        Assert.Equal([1L, 2L, 3L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task A_refusal_is_answered_again_even_when_it_would_be_accepted_now()
    {
        var id = await service.ProductAsync(onHand: 1);
        var first = await AdjustAsync(id, -5, _key);
        await service.AppendAsync(id, new StockAdjusted(10, "receipt", null));

        var again = await AdjustAsync(id, -5, _key);

        first.IsProblem(422, "insufficient-stock");
        IsReplayOf(first, again);
    }

    [Fact]
    public async Task A_creation_is_answered_again_with_its_location()
    {
        var body = new { sku = "ONCE", name = "Once", initialQuantity = 3 };
        var first = await service.PostAsync("/products", body, ("Idempotency-Key", "create-once"));
        var again = await service.PostAsync("/products", body, ("Idempotency-Key", "create-once"));

        Assert.Equal((201, 201), (first.Status, again.Status));
        IsReplayOf(first, again);
        Assert.Equal(first.Headers["Location"], again.Headers["Location"]);
    }

    [Fact]
    public async Task A_rename_is_answered_again_before_its_version_is_looked_at()
    {
        var id = await service.ProductAsync();
        var first = await RenameAsync(id, "Widget", _key, "1");

        IsReplayOf(first, await RenameAsync(id, "Widget", _key, "1"));
        IsReplayOf(first, await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, ("Idempotency-Key", _key), ("Actor", "ann")));
    }

    [Fact]
    public async Task A_conflict_leaves_no_receipt_so_the_same_key_can_settle_it()
    {
        var id = await service.ProductAsync();
        await service.AppendAsync(id, new ProductRenamed("Other", "Widgit"));
        (await RenameAsync(id, "Widget", _key, "1")).IsProblem(409, "version-conflict");

        var settled = await RenameAsync(id, "Widget", _key, "2");

        Assert.Equal((200, "\"3\""), (settled.Status, settled.ETag));
        Assert.False(settled.Headers.ContainsKey("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_key_belongs_to_one_request()
    {
        var id = await service.ProductAsync();
        await AdjustAsync(id, -5, _key);

        (await AdjustAsync(id, -6, _key)).IsProblem(422, "idempotency-key-reused");
        (await AdjustAsync(await service.ProductAsync(), -5, _key)).IsProblem(422, "idempotency-key-reused");
        (await RenameAsync(id, "Widget", _key, "2")).IsProblem(422, "idempotency-key-reused");
        Assert.Equal([1L, 2L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task A_key_belongs_to_one_caller()
    {
        var id = await service.ProductAsync(onHand: 100);
        await AdjustAsync(id, -5, _key, "ann");

        var other = await AdjustAsync(id, -5, _key, "ben");

        Assert.Equal((200, "\"3\""), (other.Status, other.ETag));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("ключ")]
    public async Task A_malformed_key_is_refused(string key)
    {
        var id = await service.ProductAsync();

        (await AdjustAsync(id, -5, key)).IsProblem(400, "malformed-request");
        (await AdjustAsync(id, -5, new string('k', 256))).IsProblem(400, "malformed-request");
        Assert.Equal(200, (await AdjustAsync(id, -5, _key.PadRight(255, 'k'))).Status);
    }

    [Fact]
    public async Task The_same_request_while_the_first_is_being_executed_is_told_to_come_again()
    {
        var id = await service.ProductAsync(onHand: 100);
        var entered = new TaskCompletionSource();
        var letGo = new TaskCompletionSource();
        service.Race.Stage(async () =>
        {
            entered.SetResult();
            await letGo.Task;
        });
        var first = AdjustAsync(id, -5, _key);
        await entered.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        var meanwhile = await AdjustAsync(id, -5, _key);
        letGo.SetResult();

        meanwhile.IsProblem(409, "request-in-flight");
        Assert.Equal("1", meanwhile.Headers["Retry-After"]);
        IsReplayOf(await first, await AdjustAsync(id, -5, _key));
    }

    [Fact]
    public async Task A_command_whose_caller_hung_up_is_finished_and_its_key_tells_how()
    {
        var id = await service.ProductAsync(onHand: 100);
        var entered = new TaskCompletionSource();
        var letGo = new TaskCompletionSource();
        service.Race.Stage(async () =>
        {
            entered.SetResult();
            await letGo.Task;
        });
        using var client = service.Host.Server.CreateClient();
        using var hangUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/products/{id}/adjustments");
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { delta = -5, reason = "sale" }));
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("Idempotency-Key", _key);
        request.Headers.Add("Actor", "ann");
        var answering = client.SendAsync(request, hangUp.Token);
        await entered.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        await hangUp.CancelAsync();
        letGo.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);

        HttpAnswer again;
        while ((again = await AdjustAsync(id, -5, _key)).Status == 409)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Equal((200, "\"2\"", "true"), (again.Status, again.ETag, again.Headers["Idempotency-Replayed"]));
        Assert.Equal([1L, 2L], (await service.FoldAsync(id)).Versions);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_another_node_commits_between_decision_and_commit_is_answered_as_there(bool rename)
    {
        var id = await service.ProductAsync(onHand: 100);
        var key = $"raced-{rename}";
        service.Race.Stage(() => ReceiptFromAnotherNodeAsync(id, key, rename ? RenameHash(id) : null));

        var answer = rename ? await RenameAsync(id, "Widget", key, "1") : await AdjustAsync(id, -5, key);

        Assert.Equal((200, "\"7\"", AnsweredThere, "true"), (answer.Status, answer.ETag, answer.Text, answer.Headers["Idempotency-Replayed"]));
        Assert.Equal([1L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task Receipts_are_deleted_when_their_time_is_over()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var id = await service.ProductAsync(onHand: 100);
        await AdjustAsync(id, -5, "old");
        await AdjustAsync(id, -5, "young");
        await using (var session = service.Store.LightweightSession())
        {
            session.QueueSqlCommand("update inventory.receipts set kept_until = now() - interval '1 second' where key = 'old'");
            await session.SaveChangesAsync(cancellation);
        }

        var deleted = await service.Host.Services.GetRequiredService<Receipts>().PurgeAsync(1_000, cancellation);

        Assert.Equal(1, deleted);
        Assert.Equal("\"4\"", (await AdjustAsync(id, -5, "old")).ETag);
        Assert.Equal("\"3\"", (await AdjustAsync(id, -5, "young")).ETag);
    }

    [Fact]
    public async Task A_receipt_is_kept_for_seven_days_and_without_a_key_for_an_hour()
    {
        var id = await service.ProductAsync(onHand: 100);
        await AdjustAsync(id, -5, _key);
        await service.PostAsync($"/products/{id}/adjustments", new { delta = -5, reason = "sale" });

        await using var session = service.Store.QuerySession();
        var hours = await session.QueryAsync<double>(
            "select extract(epoch from kept_until - now())::float8 / 3600 from inventory.receipts where body like '%' || ? || '%' and status = 200 order by version",
            TestContext.Current.CancellationToken, id.ToString());
        Assert.Equal([168, 1], hours.Select(h => (int)Math.Round(h)));
    }

    private static void IsReplayOf(HttpAnswer first, HttpAnswer again)
    {
        Assert.Equal((first.Status, first.ETag, first.ContentType, first.Text), (again.Status, again.ETag, again.ContentType, again.Text));
        Assert.False(first.Headers.ContainsKey("Idempotency-Replayed"));
        Assert.Equal("true", again.Headers["Idempotency-Replayed"]);
    }

    private Task<HttpAnswer> AdjustAsync(Guid id, int delta, string key, string actor = "ann") => service.PostAsync(
        $"/products/{id}/adjustments", new { delta, reason = "sale" }, ("Idempotency-Key", key), ("Actor", actor));

    private Task<HttpAnswer> RenameAsync(Guid id, string name, string key, string seenVersion) => service.PutAsync(
        $"/products/{id}/name", new { name }, ("Idempotency-Key", key), ("Actor", "ann"), ("Seen-Version", seenVersion));

    private static byte[] RenameHash(Guid id) => Hash("PUT", $"/products/{id}/name", JsonSerializer.SerializeToUtf8Bytes(new { name = "Widget" }));

    private static byte[] Hash(string method, string path, byte[] body) =>
        System.Security.Cryptography.SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes($"{method} {path}\n"), .. body]);

    private static string AnsweredThere { get; } = JsonSerializer.Serialize(
        new CommandResult(Guid.Empty, 7, "accepted", [], new ProductView(Guid.Empty, "W-1", "Widget", 95, 0, 95, null, false, 7)), HttpJson.Options);

    private async Task ReceiptFromAnotherNodeAsync(Guid id, string key, byte[]? hash)
    {
        hash ??= Hash("POST", $"/products/{id}/adjustments", JsonSerializer.SerializeToUtf8Bytes(new { delta = -5, reason = "sale" }));
        await using var session = service.Store.LightweightSession();
        service.Host.Services.GetRequiredService<Receipts>().Add(session, [new Receipt(new ReceiptId("ann", key), hash, new Answer(200, 7, null, AnsweredThere))]);
        await session.SaveChangesAsync();
    }
}
