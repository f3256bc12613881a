using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Inventory.Conflicts;

/// <summary>
/// Puts the commands of this node that address the same stream in line, so that they do not race each other and
/// retries are left for other nodes. It is an optimisation: the expected version guards every append all the same.
/// </summary>
public sealed class StreamGate(IOptions<ConflictOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, Line> _lines = new();

    /// <summary>Waits for a turn on the stream. Null when the line is full or the wait was too long.</summary>
    public async Task<IDisposable?> EnterAsync(Guid streamId)
    {
        var line = Join(streamId);
        if (line is null)
        {
            return null;
        }

        var entered = false;
        try
        {
            using var limit = new CancellationTokenSource(options.Value.WaitMax, clock);
            await line.Turn.WaitAsync(limit.Token);
            entered = true;
            return new Pass(this, streamId, line);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            if (!entered)
            {
                Leave(streamId, line);
            }
        }
    }

    private Line? Join(Guid streamId)
    {
        while (true)
        {
            var line = _lines.GetOrAdd(streamId, _ => new Line());
            lock (line)
            {
                if (line.Closed)
                {
                    continue; // Its last member has just left; the next look finds a new line.
                }

                // One of the members is inside, the others wait.
                if (line.Members > options.Value.WaitingPerStreamMax)
                {
                    return null;
                }

                line.Members++;
                return line;
            }
        }
    }

    private void Leave(Guid streamId, Line line)
    {
        lock (line)
        {
            line.Members--;
            if (line.Members == 0)
            {
                line.Closed = true;
                _lines.TryRemove(streamId, out _);
            }
        }
    }

    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Members { get; set; }

        public bool Closed { get; set; }
    }

    private sealed class Pass(StreamGate gate, Guid streamId, Line line) : IDisposable
    {
        public void Dispose()
        {
            line.Turn.Release();
            gate.Leave(streamId, line);
        }
    }
}
