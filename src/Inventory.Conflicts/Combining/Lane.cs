using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Inventory.Conflicts;

/// <summary>
/// The lines of some of the streams. Every command of this node stands in its stream's line, whatever its policy, so that
/// commands do not race each other and retries are left for other nodes. What may be folded is taken together, over all
/// streams of the lane, whenever the lane's last commit is done; there is no timer, so a lone command waits for nobody.
/// </summary>
/// <remarks>An optimisation of one node: the expected version guards every append all the same.</remarks>
/// <param name="commit">Decides and commits what was taken, and gives each fold back exactly once. It does not throw.</param>
/// <param name="options">Limits.</param>
/// <param name="clock">The clock.</param>
/// <param name="metrics">Where the waits are measured.</param>
/// <param name="logger">Where defects are told.</param>
internal sealed partial class Lane<TAggregate>(
    Func<IReadOnlyList<Fold<TAggregate>>, Action<Fold<TAggregate>>, Task> commit, ConflictOptions options, TimeProvider clock,
    ConflictMetrics metrics, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Line> _lines = [];
    private readonly Queue<Line> _ready = [];
    private bool _running;

    /// <summary>How many streams have a line.</summary>
    public int Lines
    {
        get
        {
            lock (_lock)
            {
                return _lines.Count;
            }
        }
    }

    /// <summary>Puts somebody at the end of a stream's line. False when the line is full.</summary>
    public bool Join(Guid streamId, Waiting waiting)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue(streamId, out var line))
            {
                _lines.Add(streamId, line = new Line(streamId));
            }

            if (line.Members.Count >= options.WaitingPerStreamMax)
            {
                return false;
            }

            line.Members.Enqueue(waiting);
            if (!line.Busy && line.Members.Count == 1)
            {
                Advance(line);
            }
        }

        Run();
        return true;
    }

    /// <summary>The stream's turn is over: the next in its line may go.</summary>
    public void Leave(Guid streamId)
    {
        lock (_lock)
        {
            Advance(_lines[streamId]);
        }

        Run();
    }

    private void Run()
    {
        lock (_lock)
        {
            if (_running || _ready.Count == 0)
            {
                return;
            }

            _running = true;
        }

        _ = CommitUntilNobodyIsReadyAsync();
    }

    private async Task CommitUntilNobodyIsReadyAsync()
    {
        // This outlives the request that happens to begin it.
        Activity.Current = null;
        while (Take() is { Count: > 0 } taken)
        {
            try
            {
                await commit(taken, GiveBack);
            }
#pragma warning disable CA1031 // Nobody else would serve the lane: whatever it is, those it hit are told, and it goes on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogDefect(logger, e, taken.Count);
                foreach (var fold in taken)
                {
                    fold.GiveUp(e);
                    GiveBack(fold);
                }
            }
        }
    }

    private void GiveBack(Fold<TAggregate> fold)
    {
        if (fold.TryGiveBack())
        {
            Leave(fold.StreamId);
        }
    }

    /// <summary>Takes from the head of every ready line what may be folded.</summary>
    private List<Fold<TAggregate>> Take()
    {
        var now = clock.GetTimestamp();
        var taken = new List<Fold<TAggregate>>();
        var room = options.CommandsPerCommitMax;
        lock (_lock)
        {
            while (room > 0 && _ready.TryDequeue(out var line))
            {
                var commands = new List<WaitingToFold<TAggregate>>();
                while (commands.Count < room && line.Members.TryPeek(out var head) && head is WaitingToFold<TAggregate> command)
                {
                    line.Members.Dequeue();
                    if (TurnComesTooLate(command, now) && !command.Context.IsPatient)
                    {
                        command.TurnAway();
                    }
                    else
                    {
                        commands.Add(command);
                    }
                }

                if (commands.Count == 0)
                {
                    Advance(line);
                    continue;
                }

                line.Busy = true;
                room -= commands.Count;
                taken.Add(new Fold<TAggregate>(line.StreamId, commands, now));
            }

            _running = taken.Count > 0;
        }

        return taken;
    }

    /// <summary>Lets the next in line go: into the lane when it may be folded, else alone.</summary>
    private void Advance(Line line)
    {
        line.Busy = false;
        while (line.Members.TryPeek(out var head))
        {
            if (head is not WaitingForTurn alone)
            {
                _ready.Enqueue(line);
                return;
            }

            line.Members.Dequeue();
            if (TurnComesTooLate(alone, clock.GetTimestamp()))
            {
                alone.TurnAway();
                continue;
            }

            line.Busy = true;
            alone.Admit();
            return;
        }

        _lines.Remove(line.StreamId);
    }

    /// <summary>Measures the wait that has just ended.</summary>
    private bool TurnComesTooLate(Waiting waiting, long now)
    {
        var wait = clock.GetElapsedTime(waiting.Since, now);
        metrics.Waited(wait);
        return wait > options.WaitMax;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A batch over {Streams} streams ended with a defect; its commands are answered, and the lane goes on")]
    private static partial void LogDefect(ILogger logger, Exception exception, int streams);

    private sealed class Line(Guid streamId)
    {
        public Guid StreamId { get; } = streamId;

        public Queue<Waiting> Members { get; } = [];

        /// <summary>Somebody of this line is being executed.</summary>
        public bool Busy { get; set; }
    }
}
