using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Inventory.Verification;

namespace Inventory.Tests.Schedules;

/// <summary>
/// One order in which everything goes on that can go on, drawn from a seed and run on one thread. What goes on is what stands between two awaits: nothing
/// else comes in between there, so the code under test is given stores that wait wherever the real ones do. Time stands still until it is made to go on.
/// </summary>
/// <remarks>
/// Half of the schedules are random walks; the others give each flow a priority and let the first of those that can go on run, until chance puts
/// it last (after Burckhardt et al., A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs, ASPLOS 2010).
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer and a wait handle holds nothing to free.")]
internal sealed class Schedule
{
    private const int StepsMax = 20_000;
    private const int StepsTold = 40;

    private readonly List<Flow> _flows = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Queue<string> _last = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly bool _byPriority;
    private readonly int _stepsBetweenChanges;
    private volatile string? _escaped;

    public Schedule(ulong seed)
    {
        Chance = new Dice(seed);
        _byPriority = Chance.Chance(50);
        _stepsBetweenChanges = 4 << Chance.Below(6);
        IsTimeHasty = Chance.Chance(50);
        FaultPercent = Chance.Chance(50) ? 0 : Chance.Between(5, 50);
    }

    /// <summary>All chance of the schedule; what fails where is drawn from it too.</summary>
    public Dice Chance { get; }

    public VirtualClock Clock { get; } = new();

    /// <summary>Whether time may go on while somebody could, as on a machine that is busy. Else it goes on only when all wait for it.</summary>
    public bool IsTimeHasty { get; }

    /// <summary>How often a store fails, of a hundred times that it could. In half of the schedules it never does.</summary>
    public int FaultPercent { get; }

    /// <summary>Whether stores fail now and then.</summary>
    public bool IsFaulty => FaultPercent > 0;

    /// <summary>How many steps were made.</summary>
    public int Steps { get; private set; }

    /// <summary>Begins something that goes on beside everything else.</summary>
    public Task Start(string name, Func<Task> work) => Start(name, async () =>
    {
        await work();
        return true;
    });

    /// <summary>Begins something that goes on beside everything else and comes to a result.</summary>
    public Task<T> Start<T>(string name, Func<Task<T>> work)
    {
        var (flow, task) = Begin(name, work);
        flow.Work = task;
        return task;
    }

    /// <summary>Begins something that goes on until it is told to stop, which it is when everything else has ended.</summary>
    public void Serve(string name, Func<CancellationToken, Task> work)
    {
        var (flow, task) = Begin(name, async () =>
        {
            await work(_end.Token);
            return true;
        });
        flow.Service = task;
    }

    /// <summary>Runs until everything has ended.</summary>
    /// <exception cref="ScheduleException">Something never ends, or went on where the schedule does not decide.</exception>
    public void Run()
    {
        while (true)
        {
            var ready = _flows.Where(flow => flow.CanGoOn).ToList();
            if (Clock.HasTimers && !IsOver && (ready.Count == 0 || (IsTimeHasty && Chance.Below(16) == 0)))
            {
                Note("time");
                On(null, Clock.GoOn);
            }
            else if (ready.Count > 0)
            {
                var flow = Next(ready);
                Note(flow.Name);
                On(flow, () => flow.GoOn(Chance));
            }
            else if (!IsOver)
            {
                throw new ScheduleException($"Nothing can go on, and these have not ended: {Unfinished}. A wakeup was lost, or work went on outside of the schedule.");
            }
            else if (!_end.IsCancellationRequested)
            {
                On(null, _end.Cancel);
            }
            else if (_flows.Find(flow => flow.Service is { IsCompleted: false }) is { } service)
            {
                throw new ScheduleException($"{service.Name} does not stop.");
            }
            else
            {
                return;
            }

            Check();
        }
    }

    /// <summary>The last steps, oldest first.</summary>
    public override string ToString() =>
        $"{(_byPriority ? "by priority" : "random walk")}{(IsTimeHasty ? ", hasty time" : "")}{(IsFaulty ? ", faults" : "")}, {Steps} steps, the last: {string.Join(", ", _last)}";

    private bool IsOver => _flows.TrueForAll(flow => flow.Work is null or { IsCompleted: true });

    private string Unfinished => string.Join(", ", _flows.Where(flow => flow.Work is { IsCompleted: false }).Select(flow => flow.Name));

    private (Flow Flow, Task<T> Task) Begin<T>(string name, Func<Task<T>> work)
    {
        var flow = new Flow(name, _flows.Count, priority: Chance.Below(1_000_000), IsHere);
        _flows.Add(flow);
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(flow);
        try
        {
            return (flow, LaterAsync());
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        async Task<T> LaterAsync()
        {
            await Task.Yield();
            return await work();
        }
    }

    private Flow Next(List<Flow> ready)
    {
        if (!_byPriority)
        {
            return Chance.Of(ready);
        }

        if (Chance.Below(_stepsBetweenChanges) == 0)
        {
            ready.MaxBy(flow => flow.Priority)!.Priority = -Steps;
        }

        return ready.MaxBy(flow => flow.Priority)!;
    }

    private void Check()
    {
        if (_escaped is { } escaped)
        {
            throw new ScheduleException($"{escaped} was called back from another thread: something goes on where the schedule does not decide.");
        }

        if (++Steps > StepsMax)
        {
            throw new ScheduleException($"{StepsMax} steps, and these have not ended: {Unfinished}.");
        }

        foreach (var failed in _flows.Select(flow => flow.Work ?? flow.Service).OfType<Task>().Where(task => task.IsFaulted))
        {
            ExceptionDispatchInfo.Throw(failed.Exception!.InnerException!);
        }
    }

    private bool IsHere(Flow flow)
    {
        if (Environment.CurrentManagedThreadId == _thread)
        {
            return true;
        }

        _escaped = flow.Name;
        return false;
    }

    private void Note(string name)
    {
        _last.Enqueue(name);
        if (_last.Count > StepsTold)
        {
            _last.Dequeue();
        }
    }

    private static void On(SynchronizationContext? context, Action step)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            step();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Something that goes on beside others: where it and whatever it begins goes on after an await.</summary>
    private sealed class Flow(string name, int number, int priority, Func<Flow, bool> isHere) : SynchronizationContext
    {
        private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];

        public string Name { get; } = $"{name} {number}";

        public int Priority { get; set; } = priority;

        /// <summary>What the schedule waits for, if this is work.</summary>
        public Task? Work { get; set; }

        /// <summary>What the schedule stops in the end, if this is a service.</summary>
        public Task? Service { get; set; }

        public bool CanGoOn => _ready.Count > 0;

        public void GoOn(Dice chance)
        {
            var at = chance.Below(_ready.Count);
            var (callback, state) = _ready[at];
            _ready.RemoveAt(at);
            callback(state);
        }

        public override void Post(SendOrPostCallback d, object? state)
        {
            if (isHere(this))
            {
                _ready.Add((d, state));
            }
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing waits here by blocking.");

        public override SynchronizationContext CreateCopy() => this;
    }
}

/// <summary>A schedule came to something that no schedule may come to.</summary>
internal sealed class ScheduleException(string message) : Exception(message);
