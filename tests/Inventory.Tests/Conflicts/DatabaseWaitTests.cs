using Inventory.Conflicts;
using Inventory.Tests.Schedules;
using Npgsql;

namespace Inventory.Tests.Conflicts;

/// <summary>Nobody waits longer than is promised, whatever becomes of what they waited for.</summary>
public sealed class DatabaseWaitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly VirtualClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_comes_in_time_is_given() =>
        Assert.Equal(7, await DatabaseWait.WithinAsync(Limit, _clock, _ => Task.FromResult(7), Cancellation));

    [Fact]
    public async Task Work_that_ends_for_no_cancellation_is_left_behind_as_a_database_that_is_away()
    {
        var endless = new TaskCompletionSource<int>();
        var waiting = DatabaseWait.WithinAsync(Limit, _clock, _ => endless.Task, Cancellation);

        _clock.GoOn();

        var e = await Assert.ThrowsAsync<NpgsqlException>(() => waiting);
        Assert.True(DatabaseFailure.Is(e));
        Assert.Equal(Limit, _clock.Elapsed);
        Assert.False(endless.Task.IsCompleted);
    }

    [Fact]
    public async Task Work_that_was_left_behind_is_cancelled_afterwards()
    {
        var cancelled = new TaskCompletionSource();
        var waiting = DatabaseWait.WithinAsync(
            Limit, _clock,
            async end =>
            {
                await Task.Delay(Timeout.Infinite, end).ContinueWith(_ => cancelled.SetResult(), TaskScheduler.Default);
                return 0;
            },
            Cancellation);
        _clock.GoOn();
        await Assert.ThrowsAsync<NpgsqlException>(() => waiting);

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    [Fact]
    public async Task What_comes_too_late_is_given_back()
    {
        var (late, given) = (new TaskCompletionSource<int>(), new TaskCompletionSource<int>());
        var waiting = DatabaseWait.WithinAsync(Limit, _clock, _ => late.Task, Cancellation, given.SetResult);
        _clock.GoOn();
        await Assert.ThrowsAsync<NpgsqlException>(() => waiting);

        late.SetResult(7);

        Assert.Equal(7, await given.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
    }

    [Fact]
    public async Task Who_hangs_up_is_let_go_at_once()
    {
        using var caller = new CancellationTokenSource();
        var endless = new TaskCompletionSource<int>();
        var waiting = DatabaseWait.WithinAsync(Limit, _clock, _ => endless.Task, caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
