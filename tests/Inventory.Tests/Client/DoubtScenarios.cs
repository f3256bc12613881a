using System.Net;
using System.Text.Json;
using Inventory.Client;
using Inventory.Tests.Architecture;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Client;

/// <summary>Answers that are lost, late or somebody else's: a command that may have taken effect never ends as one that did not.</summary>
public sealed class DoubtScenarios(Service service) : IClassFixture<Service>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_whose_answer_was_lost_is_unknown()
    {
        var id = await service.ProductAsync(onHand: 10);
        var outcome = await Client(LoseAnswer).OrderAsync([new OrderLine(id, -1)], "order", cancellation: Cancellation);
        Assert.IsType<OrderOutcome.Unknown>(outcome);
        Assert.Equal(9, (await service.FoldAsync(id)).Folded.OnHand);

        var settled = Assert.IsType<OrderOutcome.Accepted>(await Client(Pass).SettleAsync(outcome, Cancellation));
        Assert.Equal((outcome.Key, true, 9), (settled.Key, settled.Replayed, Assert.Single(settled.Products).Product.OnHand));
        Assert.Same(settled, await Client(LoseAnswer).SettleAsync(settled, Cancellation));
    }

    [Fact]
    public async Task Every_command_that_is_unknown_is_settled_by_one_call_also_after_a_restart()
    {
        var lossy = Client(LoseAnswer);
        var sku = $"DOUBT-{Guid.CreateVersion7():N}";
        var product = ProductKey.Sku(sku);
        await OnceAsync(lossy.CreateAsync(sku, "Doubt", 100, "key-create", Cancellation), "key-create");
        await OnceAsync(lossy.AdjustAsync(product, -1, "sale", key: "key-adjust", cancellation: Cancellation), "key-adjust");
        await OnceAsync(lossy.RenameAsync(product, "Doubted", Seen.Version(2), "key-rename", Cancellation), "key-rename");
        await OnceAsync(lossy.CountAsync(product, 90, Seen.Version(3), key: "key-count", cancellation: Cancellation), "key-count");
        var first = await OnceAsync(lossy.ReserveAsync(product, 4, TimeSpan.FromHours(1), key: "key-reserve", cancellation: Cancellation), "key-reserve");
        await OnceAsync(lossy.CommitAsync(product, first.Reservation!.Id, 3, "key-commit", Cancellation), "key-commit");
        var second = await OnceAsync(lossy.ReserveAsync(product, 4, TimeSpan.FromHours(1), cancellation: Cancellation));
        await OnceAsync(lossy.ReleaseAsync(product, second.Reservation!.Id, "key-release", Cancellation), "key-release");
        await OnceAsync(lossy.SetReorderPointAsync(product, 10, key: "key-reorder", cancellation: Cancellation), "key-reorder");
        await OnceAsync(lossy.DiscontinueAsync(product, Seen.Version(9), "gone", "key-discontinue", Cancellation), "key-discontinue");
        var last = await OnceAsync(lossy.ReinstateAsync(product, Seen.Exactly(10), "key-reinstate", Cancellation), "key-reinstate");
        Assert.Equal((11L, 87, 0), (last.Version, last.Product.OnHand, last.Product.Reserved));

        async Task<AcceptedAnswer> OnceAsync(Task<CommandOutcome> sending, string? key = null)
        {
            var unknown = Assert.IsType<CommandOutcome.Unknown>(await sending);
            Assert.Equal(key ?? unknown.Key, unknown.Key);
            var kept = JsonSerializer.Deserialize<SentCommand>(JsonSerializer.Serialize(unknown.Command))!;
            var settled = Assert.IsType<CommandOutcome.Accepted>(await Client(Pass).SettleAsync(kept, Cancellation));
            Assert.Equal((true, unknown.Key), (settled.Replayed, settled.Key));
            return settled.Answer;
        }
    }

    [Fact]
    public async Task What_cannot_be_settled_stays_unknown_also_when_it_is_turned_away_or_cancelled()
    {
        var id = await service.ProductAsync(onHand: 10);
        var unknown = await Client(LoseAnswer).AdjustAsync(id, -1, "sale", cancellation: Cancellation);
        foreach (var problem in new[] { "overloaded", "unavailable", "conflict-retries-exhausted", "outcome-unknown" })
        {
            var client = Client((_, _) => Task.FromResult(Said(HttpStatusCode.ServiceUnavailable, $"/problems/{problem}")));
            Assert.IsType<CommandOutcome.Unknown>(await client.SettleAsync(unknown, Cancellation));
        }

        Assert.IsType<CommandOutcome.Unknown>(await Client(Pass).SettleAsync(unknown, new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Client(Pass).AdjustAsync(id, -1, "sale", cancellation: new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData("overloaded", typeof(CommandOutcome.Unavailable))]
    [InlineData("unavailable", typeof(CommandOutcome.Unavailable))]
    [InlineData("conflict-retries-exhausted", typeof(CommandOutcome.Unavailable))]
    [InlineData("outcome-unknown", typeof(CommandOutcome.Unknown))]
    [InlineData("not-known-to-this-client", typeof(CommandOutcome.Unknown))]
    public async Task A_503_that_surely_did_nothing_is_repeated_and_then_called_unavailable(string problem, Type outcome)
    {
        var id = await service.ProductAsync(onHand: 10);
        var sent = 0;
        var ended = await Client((_, _) =>
        {
            sent++;
            return Task.FromResult(Said(HttpStatusCode.ServiceUnavailable, $"/problems/{problem}"));
        }).AdjustAsync(id, -1, "sale", cancellation: Cancellation);
        Assert.Equal(outcome, ended.GetType());
        Assert.True(sent > 1, "It was not repeated.");
    }

    [Fact]
    public async Task A_command_that_is_never_answered_is_repeated_when_its_time_is_over()
    {
        var id = await service.ProductAsync(onHand: 10);
        var sent = 0;
        var way = new Way(service, async (request, send) =>
        {
            if (++sent == 1)
            {
                using var answer = await send(request);
                await Task.Delay(Timeout.Infinite, Cancellation);
            }

            return await send(request);
        });
        using var http = new HttpClient(way) { BaseAddress = new Uri("http://localhost"), Timeout = Timeout.InfiniteTimeSpan };
        var patient = new InventoryClient(http, new InventoryClientOptions { RequestTimeout = TimeSpan.FromSeconds(3) });
        var accepted = Assert.IsType<CommandOutcome.Accepted>(await patient.AdjustAsync(id, -1, "sale", cancellation: Cancellation));
        Assert.Equal((true, 9), (accepted.Replayed, accepted.Answer.Product.OnHand));
    }

    [Fact]
    public async Task A_read_that_is_never_answered_ends()
    {
        using var http = new HttpClient(new Way(service, async (_, _) =>
        {
            await Task.Delay(Timeout.Infinite, Cancellation);
            return new HttpResponseMessage();
        }))
        {
            BaseAddress = new Uri("http://localhost"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var client = new InventoryClient(http, new InventoryClientOptions { RequestTimeout = TimeSpan.FromMilliseconds(100) });
        await Assert.ThrowsAsync<HttpRequestException>(() => client.FindAsync(Guid.CreateVersion7(), Cancellation));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.BrowseAsync("x", cancellation: Cancellation));
    }

    [Fact]
    public async Task A_stream_that_falls_silent_is_opened_anew()
    {
        var id = await service.ProductAsync(onHand: 10);
        var opened = 0;
        using var http = new HttpClient(new Way(service, (request, send) => ++opened > 1 ? send(request) : Task.FromResult(new HttpResponseMessage
        {
            Content = new StreamContent(new System.IO.Pipelines.Pipe().Reader.AsStream()),
        })))
        { BaseAddress = new Uri("http://localhost"), Timeout = Timeout.InfiniteTimeSpan };
        var client = new InventoryClient(http, new InventoryClientOptions { StreamSilence = TimeSpan.FromMilliseconds(200) });
        await Client(Pass).AdjustAsync(id, -1, "sale", cancellation: Cancellation);
        await foreach (var change in client.FollowAsync(id, after: 1, Cancellation))
        {
            Assert.Equal(2, change.Version);
            break;
        }
    }

    [Fact]
    public async Task The_sample_in_the_README_settles_an_unknown()
    {
        var sku = $"DOUBT-{Guid.CreateVersion7():N}";
        await Client(Pass).CreateAsync(sku, "Doubt", 10, cancellation: Cancellation);
        var sent = 0;
        var inventory = Client((request, send) => ++sent > 1 ? send(request) : throw new HttpRequestException(HttpRequestError.ResponseEnded), TimeSpan.Zero);
        var (product, pause) = (ProductKey.Sku(sku), TimeSpan.FromMilliseconds(1));

#pragma warning disable xUnit1051 // As it is printed.
        // sample
        var outcome = await inventory.AdjustAsync(product, -5, "sale", reference: "SO-17");
        while (outcome is CommandOutcome.Unknown)
        {
            await Task.Delay(pause);
            outcome = await inventory.SettleAsync(outcome);
        }

        var text = outcome switch
        {
            CommandOutcome.Accepted { Answer: var answer } => $"Sold; {answer.Product.OnHand} are left.",
            CommandOutcome.Conflicted { Conflict: var conflict } => $"Not sold: {conflict.Detail}",
            CommandOutcome.Refused { Problem: var problem } => $"Not sold: {problem.Detail}",
            _ => "Not sold: the service takes nothing at the moment.",
        };
        // end of sample
#pragma warning restore xUnit1051

        Assert.Equal(("Sold; 5 are left.", 2), (text, sent));
        var source = await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "tests", "Inventory.Tests", "Client", "DoubtScenarios.cs"), Cancellation);
        var sample = string.Join('\n', source.Split("// sample\n")[1].Split("        // end of sample")[0].Split('\n').Select(line => line.Length > 8 ? line[8..] : ""));
        Assert.Contains(sample.Trim(), await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "src", "Inventory.Client", "README.md"), Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    public async Task Whoever_is_not_let_in_any_more_does_not_learn_of_it_that_nothing_was_done(int status)
    {
        var id = await service.ProductAsync(onHand: 10);
        var sent = 0;
        var outcome = await Client(async (request, send) =>
        {
            if (++sent > 1)
            {
                return Said((HttpStatusCode)status, "/problems/token-required");
            }

            using var answer = await send(request);
            throw new HttpRequestException(HttpRequestError.ResponseEnded);
        }).AdjustAsync(id, -1, "sale", cancellation: Cancellation);
        Assert.IsType<CommandOutcome.Unknown>(outcome);
    }

    [Theory]
    [InlineData(200, "text/html")]
    [InlineData(200, "application/json")]
    [InlineData(500, "text/html")]
    [InlineData(503, "text/html")]
    public async Task An_answer_that_is_not_of_the_service_leaves_open_what_happened(int status, string type)
    {
        var id = await service.ProductAsync(onHand: 10);
        var outcome = await Client(async (request, send) =>
        {
            using var answer = await send(request);
            return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("<html>", new System.Net.Http.Headers.MediaTypeHeaderValue(type)) };
        }).AdjustAsync(id, -1, "sale", cancellation: Cancellation);
        Assert.IsType<CommandOutcome.Unknown>(outcome);
    }

    [Fact]
    public async Task A_command_under_way_that_its_caller_cancels_is_unknown()
    {
        var id = await service.ProductAsync(onHand: 10);
        using var impatience = new CancellationTokenSource();
        var outcome = await Client(async (request, send) =>
        {
            using var answer = await send(request);
            await impatience.CancelAsync();
            throw new TaskCanceledException();
        }).AdjustAsync(id, -1, "sale", cancellation: impatience.Token);
        Assert.IsType<CommandOutcome.Unknown>(outcome);
    }

    private static async Task<HttpResponseMessage> LoseAnswer(HttpRequestMessage request, Func<HttpRequestMessage, Task<HttpResponseMessage>> send)
    {
        using var answer = await send(request);
        throw new HttpRequestException(HttpRequestError.ResponseEnded);
    }

    private static Task<HttpResponseMessage> Pass(HttpRequestMessage request, Func<HttpRequestMessage, Task<HttpResponseMessage>> send) => send(request);

    private static HttpResponseMessage Said(HttpStatusCode status, string type) => new(status)
    {
        Content = new StringContent(
            $$"""{"type":"{{type}}","title":"t","status":{{(int)status}},"detail":"d"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/problem+json")),
    };

    private InventoryClient Client(Func<HttpRequestMessage, Func<HttpRequestMessage, Task<HttpResponseMessage>>, Task<HttpResponseMessage>> way, TimeSpan? deadline = null) => new(
        new HttpClient(new Way(service, way)) { BaseAddress = new Uri("http://localhost") },
        new InventoryClientOptions { Deadline = deadline ?? TimeSpan.FromMilliseconds(300), FirstPause = TimeSpan.FromMilliseconds(5) });

    /// <summary>The way to the service and back.</summary>
    private sealed class Way(Service service, Func<HttpRequestMessage, Func<HttpRequestMessage, Task<HttpResponseMessage>>, Task<HttpResponseMessage>> way)
        : DelegatingHandler(service.Host.Server.CreateHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            way(request, sent => base.SendAsync(sent, CancellationToken.None)).WaitAsync(cancellationToken);
    }
}
