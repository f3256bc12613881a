using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;
using Npgsql;
using Wolverine;

namespace Inventory.Tests.Conflicts;

/// <summary>A service whose connections to PostgreSQL can be broken at a commit.</summary>
public sealed class ServiceBehindProxy(DatabaseServer server) : Service(server)
{
    private CuttingProxy? _proxy;

    public CuttingProxy Proxy => _proxy!;

    protected override string Way(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        _proxy = new CuttingProxy(settings.Host!, settings.Port);
        (settings.Host, settings.Port) = ("127.0.0.1", _proxy.Port);
        return settings.ConnectionString;
    }

    protected override void Configure(IWebHostBuilder builder)
    {
        builder.UseSetting("Conflicts:RetryDeadline", "00:00:03");
        // Without background work: a projection's commit would be cut off in place of the command's.
        builder.ConfigureServices(services => services.ConfigureWolverine(options => options.Durability.Mode = DurabilityMode.Serverless));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _proxy?.Dispose();
    }
}

/// <summary>A connection that is lost at the commit leaves the command's fate open; its receipt settles it.</summary>
public sealed class LostConnectionScenarios(ServiceBehindProxy service) : IClassFixture<ServiceBehindProxy>
{
    private readonly string _key = Guid.CreateVersion7().ToString();

    public static TheoryData<Cut, string, bool> Cuts => new MatrixTheoryData<Cut, string, bool>(
        [Cut.BeforeCommit, Cut.AfterCommit], ["adjust", "rename", "create"], [true, false]);

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_command_whose_commit_is_cut_off_is_answered_with_what_became_of_it(Cut cut, string command, bool withKey)
    {
        var id = command == "create" ? Guid.CreateVersion7() : await service.ProductAsync(onHand: 100);
        var cuts = service.Proxy.Cuts;
        ArmAtCommit(cut);

        var answer = await SendAsync(command, id, withKey);

        Assert.Equal((cuts + 1, cut == Cut.BeforeCommit ? 2 : 1), (service.Proxy.Cuts, service.Race.Commits));
        Assert.Equal(command == "create" ? (201, "\"1\"") : (200, "\"2\""), (answer.Status, answer.ETag));
        Assert.Equal(command == "create" ? [1L] : [1L, 2L], (await service.FoldAsync(id)).Versions);
        if (withKey)
        {
            Assert.Equal(answer.Text, (await SendAsync(command, id, withKey)).Text);
        }
    }

    [Theory]
    [InlineData("adjust")]
    [InlineData("rename")]
    public async Task A_lost_connection_is_no_conflict(string command)
    {
        var id = await service.ProductAsync(onHand: 100);
        using var measured = new Measured(service);
        ArmAtCommit(Cut.BeforeCommit);

        Assert.Equal(200, (await SendAsync(command, id, withKey: false)).Status);

        Assert.Empty(measured.Conflicts);
    }

    [Theory]
    [InlineData(Cut.BeforeCommit, "adjust")]
    [InlineData(Cut.AfterCommit, "adjust")]
    [InlineData(Cut.BeforeCommit, "rename")]
    [InlineData(Cut.AfterCommit, "rename")]
    public async Task When_the_database_stays_away_the_outcome_is_called_unknown_and_the_key_settles_it_later(Cut cut, string command)
    {
        var id = await service.ProductAsync(onHand: 100);
        ArmAtCommit(cut, andStayDown: true);

        var answer = await SendAsync(command, id, withKey: true);
        service.Proxy.Heal();

        answer.IsProblem(503, "outcome-unknown");
        Assert.Equal("1", answer.Headers["Retry-After"]);
        var settled = await SendAsync(command, id, withKey: true);
        Assert.Equal((200, "\"2\"", cut == Cut.AfterCommit), (settled.Status, settled.ETag, settled.Headers.ContainsKey("Idempotency-Replayed")));
        Assert.Equal([1L, 2L], (await service.FoldAsync(id)).Versions);
    }

    public static TheoryData<string, string, bool> ErrorsAfterDoubt => new MatrixTheoryData<string, string, bool>(
        ["08006", "25006", "40001", "53300", "55006", "57014", "57P03", "XX000"],
        ["adjust", "rename", "create", "order", "reserve", "reorder-point", "discontinue"],
        [true, false]);

    [Theory]
    [MemberData(nameof(ErrorsAfterDoubt))]
    public async Task No_error_that_comes_after_a_lost_commit_has_it_told_as_undone(string sqlState, string command, bool withKey)
    {
        var id = command == "create" ? Guid.CreateVersion7() : await service.ProductAsync(onHand: 100);
        var cuts = service.Proxy.Cuts;
        service.Race.Stage(() =>
        {
            service.Proxy.ArmWithErrors(sqlState, sqlState);
            return Task.CompletedTask;
        });

        var answer = await SendAsync(command, id, withKey);
        service.Proxy.Heal();

        Assert.Equal(cuts + 1, service.Proxy.Cuts);
        var done = command switch { "create" => 201, "reserve" => 201, _ => 200 };
        Assert.True(answer.Status == done, $"{answer.Status}: {answer.Text}");
        Assert.Equal(command == "create" ? [1L] : [1L, 2L], (await service.FoldAsync(id)).Versions);
        if (withKey)
        {
            Assert.Equal(answer.Text, (await SendAsync(command, id, withKey)).Text);
        }
    }

    [Fact]
    public async Task Neighbours_in_the_commit_that_was_cut_off_are_each_answered_with_their_own()
    {
        var id = await service.ProductAsync(onHand: 100);
        var other = await service.ProductAsync(onHand: 100);
        var entered = new TaskCompletionSource();
        var letGo = new TaskCompletionSource();
        service.Race.Stage(
            async () =>
            {
                entered.SetResult();
                await letGo.Task;
            },
            () =>
            {
                service.Proxy.Arm(Cut.AfterCommit);
                return Task.CompletedTask;
            });
        var first = AdjustAsync(id, -1);
        await entered.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var rest = Enumerable.Range(2, 5).Select(n => AdjustAsync(n % 2 == 0 ? id : other, -n)).ToList();
        await Task.Delay(100, TestContext.Current.CancellationToken); // However many of them have come to the line by now, the sums must hold.
        letGo.SetResult();
        var answers = await Task.WhenAll([first, .. rest]);

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(100 - 1 - 2 - 4 - 6, (await service.FoldAsync(id)).Folded.OnHand);
        Assert.Equal(100 - 3 - 5, (await service.FoldAsync(other)).Folded.OnHand);
        Assert.Equal(6, answers.Select(answer => (answer["productId"]!.GetValue<string>(), answer.ETag)).Distinct().Count());

        Task<HttpAnswer> AdjustAsync(Guid product, int delta) => service.PostAsync($"/products/{product}/adjustments", new { delta, reason = "sale" });
    }

    private void ArmAtCommit(Cut cut, bool andStayDown = false) => service.Race.Stage(() =>
    {
        service.Proxy.Arm(cut, andStayDown);
        return Task.CompletedTask;
    });

    private Task<HttpAnswer> SendAsync(string command, Guid id, bool withKey)
    {
        (string, string)[] key = withKey ? [("Idempotency-Key", _key)] : [];
        return command switch
        {
            "adjust" => service.PostAsync($"/products/{id}/adjustments", new { delta = -5, reason = "sale" }, key),
            "rename" => service.PutAsync($"/products/{id}/name", new { name = "Widget" }, [("Seen-Version", "1"), .. key]),
            "order" => service.PostAsync("/adjustments", new { lines = new[] { new { productId = id, delta = -5 } }, reason = "sale" }, key),
            "reserve" => service.PostAsync($"/products/{id}/reservations", new { quantity = 5, expiresInSeconds = 600 }, key),
            "reorder-point" => service.PutAsync($"/products/{id}/reorder-point", new { reorderPoint = 5 }, key),
            "discontinue" => service.PostAsync($"/products/{id}/discontinue", new { }, [("If-Match", "\"1\""), .. key]),
            _ => service.PostAsync("/products", new { id, sku = id.ToString(), name = "Made", initialQuantity = 1 }, key),
        };
    }
}
