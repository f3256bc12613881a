using System.Net;
using Inventory.Client;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Client;

public sealed class ClientScenarios(Service service) : IClassFixture<Service>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_conflict_is_a_value_that_the_command_can_be_applied_on_top_of()
    {
        var (inventory, id) = (Client(), await service.ProductAsync(onHand: 10, "Widgit"));
        await inventory.AdjustAsync(id, -3, "sale", "SO-1", cancellation: Cancellation);
        var merged = Assert.IsType<CommandOutcome.Accepted>(await inventory.RenameAsync(id, "Widget", Seen.Version(1), cancellation: Cancellation));
        Assert.Equal(["−3 (sale SO-1), 7 on hand"], merged.Answer.MergedWith.Select(change => change.Summary));

        var conflict = Assert.IsType<CommandOutcome.Conflicted>(await inventory.RenameAsync(id, "Gadget", Seen.Version(2), cancellation: Cancellation)).Conflict;
        Assert.Equal((2L, 3L, "Widget"), (conflict.SeenVersion, conflict.CurrentVersion, conflict.Current.Name));
        Assert.Equal(["“Widgit” → “Widget”"], conflict.Changes.Where(change => change.Clashes).Select(change => change.Summary));
        var onTop = Assert.IsType<CommandOutcome.Accepted>(await inventory.RenameAsync(id, "Gadget", Seen.In(conflict), cancellation: Cancellation));
        Assert.Equal(("Gadget", 4L), (onTop.Answer.Product.Name, onTop.Answer.Version));
    }

    [Fact]
    public async Task The_sample_in_the_documents_settles_a_conflict()
    {
        var inventory = Client();
        await inventory.CreateAsync("W-1", "Widgit", 1, cancellation: Cancellation);
        for (var version = 1; version < 8; version++)
        {
            await inventory.RenameAsync(ProductKey.Sku("W-1"), $"Widgit {version}", Seen.Exactly(version), cancellation: Cancellation);
        }

#pragma warning disable xUnit1051 // As it is printed.
        var outcome = await inventory.RenameAsync(ProductKey.Sku("W-1"), "Widget", Seen.Version(7));
        if (outcome is CommandOutcome.Conflicted { Conflict: var conflict } && Accepts(conflict.Changes))
        {
            outcome = await inventory.RenameAsync(ProductKey.Sku("W-1"), "Widget", Seen.In(conflict));
        }
#pragma warning restore xUnit1051

        Assert.Equal(("Widget", 9L), outcome is CommandOutcome.Accepted { Answer: var answer } ? (answer.Product.Name, answer.Version) : default);

        static bool Accepts(IReadOnlyList<SeenChange> changes) => changes.Count == 1;
    }

    [Fact]
    public async Task Every_command_reaches_its_route()
    {
        var inventory = Client();
        var made = Accepted(await inventory.CreateAsync("CLIENT-1", "Client", 100, cancellation: Cancellation));
        ProductKey product = made.ProductId;
        var reserved = Accepted(await inventory.ReserveAsync(product, 4, TimeSpan.FromMinutes(5), "SO-1", cancellation: Cancellation)).Reservation!;
        var committed = Accepted(await inventory.CommitAsync(ProductKey.Sku("client-1"), reserved.Id, 3, cancellation: Cancellation));
        Assert.Equal((97, 0, "committed"), (committed.Product.OnHand, committed.Product.Reserved, committed.Reservation!.Status));
        var other = Accepted(await inventory.ReserveAsync(product, 5, TimeSpan.FromSeconds(60), cancellation: Cancellation)).Reservation!;
        Accepted(await inventory.ReleaseAsync(product, other.Id, cancellation: Cancellation));
        Accepted(await inventory.SetReorderPointAsync(product, 10, cancellation: Cancellation));
        var counted = Accepted(await inventory.CountAsync(product, 90, Seen.Exactly(6), cancellation: Cancellation));
        Accepted(await inventory.DiscontinueAsync(product, Seen.Version(counted.Version), "gone", cancellation: Cancellation));
        Accepted(await inventory.ReinstateAsync(product, Seen.Version(counted.Version + 1), cancellation: Cancellation));
        var order = await inventory.OrderAsync([new OrderLine(made.ProductId, -10)], "order", cancellation: Cancellation);
        var ordered = Assert.Single(Assert.IsType<OrderOutcome.Accepted>(order).Products);
        Assert.Equal((80, 10L), (ordered.Product.OnHand, ordered.Version));
        var refused = await inventory.OrderAsync([new OrderLine(made.ProductId, -1_000)], "order", cancellation: Cancellation);
        Assert.Equal("/problems/insufficient-stock", Assert.IsType<OrderOutcome.Refused>(refused).Problem.Type);
        Assert.Equal(80, (await inventory.FindAsync(product, Cancellation))!.OnHand);
        Assert.Null(await inventory.FindAsync(Guid.CreateVersion7(), Cancellation));

        static AcceptedAnswer Accepted(CommandOutcome outcome) => Assert.IsType<CommandOutcome.Accepted>(outcome).Answer;
    }

    [Fact]
    public async Task A_rule_that_refuses_is_a_value_with_its_numbers()
    {
        var id = await service.ProductAsync(onHand: 2);
        var problem = Assert.IsType<CommandOutcome.Refused>(await Client().AdjustAsync(id, -3, "sale", cancellation: Cancellation)).Problem;
        Assert.Equal(("/problems/insufficient-stock", 422, 2), (problem.Type, problem.Status, problem.Members!["available"].GetInt32()));
    }

    [Fact]
    public async Task A_command_whose_answers_are_lost_takes_effect_once()
    {
        var id = await service.ProductAsync(onHand: 10);
        var way = new Way(service) { AnswersLost = 3 };

        var accepted = Assert.IsType<CommandOutcome.Accepted>(await Client(way).AdjustAsync(id, -1, "sale", cancellation: Cancellation));

        Assert.Equal((true, 9, 4), (accepted.Replayed, accepted.Answer.Product.OnHand, way.Requests.Count));
        Assert.Single(way.Requests.Distinct());
        Assert.Equal([1L, 2L], (await service.FoldAsync(id)).Versions);
    }

    [Fact]
    public async Task Whoever_is_asked_to_come_back_later_does_so()
    {
        var id = await service.ProductAsync(onHand: 10);
        var way = new Way(service) { SentAway = 2 };
        Assert.IsType<CommandOutcome.Accepted>(await Client(way).AdjustAsync(id, -1, "sale", cancellation: Cancellation));
        Assert.Equal(3, way.Requests.Count);

        way = new Way(service) { SentAway = int.MaxValue };
        var unavailable = Assert.IsType<CommandOutcome.Unavailable>(await Client(way, TimeSpan.FromMilliseconds(300)).AdjustAsync(id, -1, "sale", cancellation: Cancellation));
        Assert.Equal("/problems/overloaded", unavailable.Problem!.Type);
        Assert.Equal(9, (await service.FoldAsync(id)).Folded.OnHand);
    }

    [Fact]
    public async Task The_catalogue_contains_what_was_just_written()
    {
        var inventory = Client();
        var id = await service.ProductAsync(onHand: 50, "Client reads");
        for (var n = 1; n <= 10; n++)
        {
            var sold = Assert.IsType<CommandOutcome.Accepted>(await inventory.AdjustAsync(id, -1, "sale", cancellation: Cancellation)).Answer;
            Assert.Equal(50 - n, Assert.Single((await inventory.BrowseAsync("client reads", after: [sold], cancellation: Cancellation)).Items).OnHand);
        }
    }

    [Fact]
    public async Task Changes_are_followed_over_broken_connections()
    {
        var id = await service.ProductAsync(onHand: 100);
        var inventory = Client(new Way(service) { StreamsBreakAfterBytes = 700 });
        var selling = Task.Run(
            async () =>
            {
                for (var n = 0; n < 20; n++)
                {
                    await inventory.AdjustAsync(id, -1, "sale", cancellation: Cancellation);
                }
            },
            Cancellation);

        var versions = new List<long>();
        await foreach (var change in inventory.FollowAsync(id, after: 1, Cancellation))
        {
            versions.Add(change.Version);
            if (versions.Count == 20)
            {
                break;
            }
        }

        await selling;
        Assert.Equal(Enumerable.Range(2, 20).Select(version => (long)version), versions);
    }

    private InventoryClient Client(Way? way = null, TimeSpan? deadline = null) => new(
        new HttpClient(way ?? new Way(service)) { BaseAddress = new Uri("http://localhost") },
        new InventoryClientOptions { Deadline = deadline ?? TimeSpan.FromSeconds(30), FirstPause = TimeSpan.FromMilliseconds(5) });

    /// <summary>The way to the service and back, on which things get lost.</summary>
    private sealed class Way(Service service) : DelegatingHandler(service.Host.Server.CreateHandler())
    {
        public int AnswersLost { get; set; }

        public int SentAway { get; set; }

        public int? StreamsBreakAfterBytes { get; init; }

        public List<string> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Get)
            {
                lock (Requests)
                {
                    Requests.Add($"{request.Method} {request.RequestUri} {request.Headers}");
                }
            }

            if (SentAway > 0)
            {
                SentAway--;
                return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
                {
                    Content = new StringContent(
                        """{"type":"/problems/overloaded","title":"t","status":503,"detail":"d"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/problem+json")),
                };
            }

            var answer = await base.SendAsync(request, cancellationToken);
            if (AnswersLost > 0)
            {
                AnswersLost--;
                answer.Dispose();
                throw new HttpRequestException(HttpRequestError.ResponseEnded);
            }

            if (StreamsBreakAfterBytes is { } bytes && answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                answer.Content = new StreamContent(new BreakingStream(await answer.Content.ReadAsStreamAsync(cancellationToken), bytes));
            }

            return answer;
        }
    }

    private sealed class BreakingStream(Stream inner, int left) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (left <= 0)
            {
                throw new IOException("The connection was reset.");
            }

            var read = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, left)], cancellationToken);
            left -= read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
