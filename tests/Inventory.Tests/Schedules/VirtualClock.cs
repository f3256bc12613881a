using Inventory.Tests.Products;

namespace Inventory.Tests.Schedules;

/// <summary>Time that goes on from one timer to the next, when the schedule says so.</summary>
internal sealed class VirtualClock : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private TimeSpan _elapsed;

    /// <summary>How much time has gone since the schedule began.</summary>
    public TimeSpan Elapsed => _elapsed;

    public bool HasTimers => _timers.Count > 0;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Example.Now + _elapsed;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, period);
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Goes on to the timer that is due next.</summary>
    public void GoOn()
    {
        var next = _timers.MinBy(timer => timer.Due)!;
        _timers.Remove(next);
        _elapsed = next.Due;
        next.Ring();
    }

    private sealed class Timer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock._timers.Remove(this);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Due = clock._elapsed + dueTime;
                clock._timers.Add(this);
            }

            return true;
        }

        public void Dispose() => clock._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
