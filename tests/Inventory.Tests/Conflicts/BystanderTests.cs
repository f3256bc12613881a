using System.Diagnostics;
using System.Diagnostics.Metrics;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Products;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inventory.Tests.Conflicts;

/// <summary>Whatever those throw who only watch, and however long an attempt hangs: everybody is answered, and the lane goes on.</summary>
public sealed class BystanderTests : IDisposable
{
    private static readonly AsyncLocal<bool> Mine = new();

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Guid _stream = Guid.CreateVersion7();
    private readonly Guid _other = Guid.CreateVersion7();
    private int _attempts;

    [Fact]
    public async Task Listeners_and_log_providers_that_throw_end_neither_a_lane_nor_a_command()
    {
        // Other tests go on beside this one: it throws at nobody else's commands.
        Mine.Value = true;
        using var measuring = new MeterListener();
        measuring.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        measuring.SetMeasurementEventCallback<int>((_, _, _, _) => throw new InvalidOperationException("a listener's defect"));
        measuring.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("a listener's defect"));
        measuring.Start();
        using var tracing = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ConflictTraces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                Mine.Value ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStarted = _ => ThrowAtMine(),
            ActivityStopped = _ => ThrowAtMine(),
        };
        ActivitySource.AddActivityListener(tracing);
        // Every third attempt fails, so that failures are told too.
        using var combiner = Make(folds => ++_attempts % 3 == 0 ? throw new InvalidOperationException("a passing defect") : Accept(folds));

        for (var command = 0; command < 20; command++)
        {
            var end = await SendAsync(combiner, command % 2 == 0 ? _stream : _other).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            Assert.IsType<Outcome<Product>.Accepted>(end);
        }

        using (await combiner.EnterAsync(_stream))
        {
        }

        await DrainedAsync(combiner);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_attempt_that_hangs_is_answered_at_its_deadline_and_holds_up_nobody_after_it(bool isCommitting)
    {
        var hanging = new TaskCompletionSource();
        IReadOnlyList<Fold<Product>>? hung = null;
        using var combiner = Make(async folds =>
        {
            if (folds[0].StreamId == _stream)
            {
                if (isCommitting && hung is null)
                {
                    Assert.All(folds[0].Commands, command => Assert.True(command.Certainty.TrySend()));
                }

                hung ??= folds;
                await hanging.Task;
            }

            await Accept(folds);
        });

        var stuck = SendAsync(combiner, _stream);
        var end = await stuck.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.IsType<Outcome<Product>.Accepted>(await SendAsync(combiner, _other).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));

        Assert.True(isCommitting ? end is Outcome<Product>.Unknown : end is Outcome<Product>.Unavailable, $"{end}");
        // Behind its deadline it may not send a commit any more: its sender was told that there is none.
        Assert.All(hung!.SelectMany(fold => fold.Commands), command => Assert.False(command.Certainty.TrySend()));
        hanging.SetResult();
        await DrainedAsync(combiner);
    }

    [Fact]
    public void A_lost_race_is_dropped_from_the_log_of_a_commands_attempt_only()
    {
        var told = new Told();
        var logger = new QuietLostRaces(told).CreateLogger("Marten.Events.Daemon");
        var lost = new JasperFx.ConcurrencyException(typeof(Product), _stream);

        Log("a projection was stopped");
        using (QuietLostRaces.Expect())
        {
            Log("it is decided again");
        }

        Log("a projection was stopped");

        Assert.Equal(["a projection was stopped", "a projection was stopped"], told.Messages);

        void Log(string message) => logger.Log(LogLevel.Error, default, message, lost, static (text, _) => text);
    }

    public void Dispose() => _services.Dispose();

    private Combiner<Product> Make(Func<IReadOnlyList<Fold<Product>>, Task> attempt) => new(
        _ => (folds, _, _) => attempt(folds), new DatabaseHistory(),
        new ConflictOptions { Lanes = 1, RetryDeadline = TimeSpan.FromMilliseconds(300), RetryDelayFirst = TimeSpan.Zero, WaitMax = TimeSpan.FromMinutes(5) },
        TimeProvider.System, new ConflictMetrics(_services.GetRequiredService<IMeterFactory>()), new ThrowingLogger());

    private static Task<Outcome<Product>> SendAsync(Combiner<Product> combiner, Guid stream) => combiner.FoldAsync(
        stream, new AdjustStock(stream, 1, "sale", null), new CommandContext("user", Guid.CreateVersion7(), Precondition.None), new Certainty());

    /// <summary>It stops, and keeps no stream's line: the last is given back right after its command was answered.</summary>
    private static async Task DrainedAsync(Combiner<Product> combiner)
    {
        await combiner.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(0, combiner.Waiting);
        for (var looks = 0; combiner.Lines > 0; looks++)
        {
            Assert.True(looks < 6_000, "A stream's line is left over.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static void ThrowAtMine()
    {
        if (Mine.Value)
        {
            throw new InvalidOperationException("a listener's defect");
        }
    }

    private static Task Accept(IReadOnlyList<Fold<Product>> folds)
    {
        foreach (var command in folds.SelectMany(fold => fold.Commands))
        {
            command.End(new Outcome<Product>.Accepted(Example.Product(), []));
        }

        return Task.CompletedTask;
    }

    private sealed class ThrowingLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("a provider's defect");
    }

    private sealed class Told : ILoggerFactory, ILogger
    {
        public List<string> Messages { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
