using System.Diagnostics;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Insight;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Inventory.Tests.Conflicts;

/// <summary>Loops that serve many go on, whatever happens to them.</summary>
public sealed class LoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<Exception> Failures =>
    [
        new InvalidOperationException("defect"), new NpgsqlException("away"), new OperationCanceledException(),
        new TimeoutException(),
    ];

    [Fact]
    public void Every_loop_of_the_service_is_one_that_goes_on()
    {
        var loops = typeof(Program).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(BackgroundService))).ToList();

        Assert.Contains(typeof(ProductWatch), loops);
        Assert.Contains(typeof(StoreSignals), loops);
        Assert.All(loops, loop => Assert.True(loop.IsAssignableTo(typeof(Loop)), loop.Name));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Work_that_throws_is_told_of_once_and_done_again(Exception failure)
    {
        var log = new Told();
        using var loop = new Counted(n => n < 3 ? throw failure : Task.CompletedTask, log);

        await loop.StartAsync(Cancellation);
        await loop.UntilAsync(4);
        await loop.StopAsync(Cancellation);

        var (level, message) = Assert.Single(log.All);
        var isDefect = failure is InvalidOperationException or TimeoutException;
        Assert.Equal(isDefect ? LogLevel.Error : LogLevel.Warning, level);
        Assert.StartsWith(nameof(Counted), message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_throws_ends_nothing()
    {
        using var loop = new Counted(_ => throw new InvalidOperationException("defect"), new Throwing());

        await loop.StartAsync(Cancellation);
        await loop.UntilAsync(3);
        await loop.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_listener_of_traces_that_throws_ends_nothing()
    {
        using var source = new ActivitySource($"loop-{Guid.CreateVersion7()}");
        using var listener = new ActivityListener
        {
            ShouldListenTo = heard => heard.Name == source.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                throw new InvalidOperationException("listener"),
        };
        ActivitySource.AddActivityListener(listener);
        using var loop = new Counted(
            _ =>
            {
                using var span = source.StartActivity("work");
                return Task.CompletedTask;
            },
            new Told());

        await loop.StartAsync(Cancellation);
        await loop.UntilAsync(3);
        await loop.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Who_follows_a_product_is_woken_although_a_look_failed()
    {
        var (listed, looks, product) = (new Signal(), 0, Guid.CreateVersion7());
        using var watch = new ProductWatch(
            (_, _) => Interlocked.Increment(ref looks) < 3
                ? throw new InvalidOperationException("defect")
                : Task.FromResult(new Dictionary<Guid, long> { [product] = 2 }),
            listed, TimeProvider.System);
        using var watched = watch.Watch(product);
        var changed = watched.Changed.Next;

        await watch.StartAsync(Cancellation);
        await changed.WaitAsync(Patience, Cancellation);
        await watch.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Who_waits_for_a_version_of_the_list_is_woken_although_a_question_failed()
    {
        var (changed, asked, product) = (new Signal(), 0, Guid.CreateVersion7());
        using var versions = new ListedVersions(
            (_, _) => Interlocked.Increment(ref asked) switch
            {
                // Who waits asks twice on its own account.
                1 or 2 => Task.FromResult<Dictionary<Guid, long>>([]),
                3 or 4 => throw new InvalidOperationException("defect"),
                _ => Task.FromResult(new Dictionary<Guid, long> { [product] = 2 }),
            },
            changed, TimeProvider.System);
        var reaching = versions.ReachAsync(
            new ReadAfter(new Dictionary<Guid, long> { [product] = 2 }, Patience, Strict: true), Cancellation);

        await versions.StartAsync(Cancellation);
        Assert.True(await reaching);
        await versions.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Who_follows_all_changes_is_told_although_a_read_failed()
    {
        var (listed, asked) = (new Signal(), 0);
        using var feed = new ChangeFeed(
            _ => Interlocked.Increment(ref asked) < 3
                ? throw new InvalidOperationException("defect")
                : Task.FromResult(7L),
            (_, _, _) => Task.FromResult(new List<(long, ChangeItem)>()), listed);
        using var following = feed.Follow();
        var grown = feed.Grown.Next;

        await feed.StartAsync(Cancellation);
        await grown.WaitAsync(Patience, Cancellation);
        await feed.StopAsync(Cancellation);
    }

    private sealed class Counted(Func<int, Task> work, ILogger log) : Loop(TimeProvider.System, log)
    {
        private readonly Signal _worked = new();
        private int _count;

        protected override TimeSpan AtTheLatest => TimeSpan.FromMilliseconds(1);

        public async Task UntilAsync(int count)
        {
            while (true)
            {
                var next = _worked.Next;
                if (Volatile.Read(ref _count) >= count)
                {
                    return;
                }

                await next.WaitAsync(Patience, Cancellation);
            }
        }

        protected override Task WorkAsync(CancellationToken stopping)
        {
            var count = _count;
            Volatile.Write(ref _count, count + 1);
            _worked.Raise();
            return work(count);
        }
    }

    private sealed class Told : ILogger
    {
        private readonly List<(LogLevel Level, string Message)> _all = [];

        public IReadOnlyList<(LogLevel Level, string Message)> All
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (_all)
            {
                _all.Add((logLevel, formatter(state, exception)));
            }
        }
    }

    private sealed class Throwing : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("The log is full.");
    }
}
