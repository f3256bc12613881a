using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using JasperFx;
using Npgsql;

namespace Inventory.Tests.Schedules;

/// <summary>
/// A store of commands by stream that waits wherever the real one does: before it reads, between reading and committing, while it commits and before
/// it says so. It takes attempts of the combiner as <see cref="FoldAttempt{TAggregate}"/> does.
/// </summary>
internal sealed class YieldingStore(Schedule schedule, IReadOnlyList<Guid> streams, ConflictOptions options)
{
    /// <summary>A command with this reason is a defect wherever it is decided.</summary>
    public const string Defect = "a defect";

    /// <summary>Any command may meet this one, once or more often.</summary>
    public const string PassingDefect = "a passing defect";

    private readonly Dictionary<Guid, List<Guid>> _committed = streams.ToDictionary(stream => stream, _ => new List<Guid>());
    private readonly Dictionary<Guid, SemaphoreSlim> _rows = streams.ToDictionary(stream => stream, _ => new SemaphoreSlim(1));
    private readonly HashSet<Guid> _receipts = [];
    private readonly Dictionary<Guid, Func<bool>> _busy = [];

    /// <summary>The ids of what was committed to a stream, in order; strangers' are in between.</summary>
    public IReadOnlyList<Guid> Of(Guid stream) => _committed[stream];

    /// <summary>What the combiner may not do and did. An exception would not do: it would take it for a defect of the commands.</summary>
    public List<string> Wrongs { get; } = [];

    /// <summary>How many attempts have begun.</summary>
    public int Attempts { get; private set; }

    /// <summary>Notes that somebody works on a stream, until what is returned is disposed of.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="isLeftBehind">Whether nobody waits for it any more: it may go on then, and another begin.</param>
    public IDisposable Enter(Guid stream, Func<bool>? isLeftBehind = null)
    {
        Never(_busy.TryGetValue(stream, out var other) && !other(), "Two of this node work on one stream at once.");
        var mine = isLeftBehind ?? (static () => false);
        _busy[stream] = mine;
        return new Working(() =>
        {
            if (_busy.GetValueOrDefault(stream) == mine)
            {
                _busy.Remove(stream);
            }
        });
    }

    /// <summary>Somebody of another node commits a command of its own.</summary>
    public async Task CommitElsewhereAsync(Guid stream, Guid command)
    {
        await _rows[stream].WaitAsync();
        await Task.Yield();
        _committed[stream].Add(command);
        _rows[stream].Release();
    }

    /// <summary>An attempt of the combiner.</summary>
    public async Task AttemptAsync(IReadOnlyList<Fold<Product>> folds, bool locked, CancellationToken cancellation)
    {
        Attempts++;
        Never(folds.Sum(fold => fold.Commands.Count) is var count && (count < 1 || count > options.CommandsPerCommitMax), $"{count} commands are committed together.");
        var working = folds.Select(fold => Enter(fold.StreamId, () => fold.Commands.All(one => one.Outcome.IsCompleted))).ToList();
        var held = new List<SemaphoreSlim>();
        try
        {
            await RoundTripAsync();
            Fail(() => throw new NpgsqlException("The connection was lost while reading."));
            foreach (var fold in locked ? folds.OrderBy(fold => fold.StreamId) : Enumerable.Empty<Fold<Product>>())
            {
                await _rows[fold.StreamId].WaitAsync(CancellationToken.None);
                held.Add(_rows[fold.StreamId]);
            }

            var versions = folds.ToDictionary(fold => fold.StreamId, fold => _committed[fold.StreamId].Count);
            var done = folds.ToDictionary(fold => fold, fold => fold.Commands
                .Where(one => one.Certainty.MayHaveReceipt(one.Context) && _receipts.Contains(one.Context.CommandId)).ToHashSet());
            foreach (var one in folds.Where(_ => locked).SelectMany(fold => fold.Commands.Where(one => !done[fold].Contains(one))))
            {
                one.Certainty.FencedOff();
            }

            folds.ToList().ForEach(fold => fold.Loaded(versions[fold.StreamId]));
            await RoundTripAsync();
            if (folds.Any(fold => fold.Commands.Any(one => one.Command is AdjustStock { Reason: Defect })))
            {
                throw new InvalidOperationException(Defect);
            }

            Fail(() => throw new InvalidOperationException(PassingDefect));
            Fail(() => throw new ConcurrencyException(typeof(Product), folds[0].StreamId));
            Fail(() => LoseCommit(folds, done));
            foreach (var fold in folds.Where(fold => !locked).OrderBy(fold => fold.StreamId))
            {
                await _rows[fold.StreamId].WaitAsync(CancellationToken.None);
                held.Add(_rows[fold.StreamId]);
            }

            Commit(folds, versions, done);
            held.ForEach(row => row.Release());
            held.Clear();
            await RoundTripAsync();
            Fail(() => throw new NpgsqlException("The connection was lost while committing."));
            Answer(folds, versions, done);
        }
        finally
        {
            held.ForEach(row => row.Release());
            working.ForEach(one => one.Dispose());
        }
    }

    /// <summary>The state of a stream at a version, as far as answers show it.</summary>
    private static Product StateAt(Guid stream, int version) => new() { Id = stream, Version = version, Sku = "A-1", SkuKey = "A-1", Name = "Any" };

    private async Task RoundTripAsync()
    {
        if (schedule.Chance.Chance(25))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(schedule.Chance.Between(1, 20)), schedule.Clock);
        }

        await Task.Yield();
    }

    private void Never(bool happens, string wrong)
    {
        if (happens)
        {
            Wrongs.Add(wrong);
        }
    }

    private void Fail(Action fail)
    {
        if (schedule.Chance.Chance(schedule.FaultPercent))
        {
            fail();
        }
    }

    /// <summary>The connection breaks before the server has heard of the commit, which nobody can tell.</summary>
    private static void LoseCommit(IReadOnlyList<Fold<Product>> folds, Dictionary<Fold<Product>, HashSet<WaitingToFold<Product>>> done)
    {
        Send(folds, done);
        throw new NpgsqlException("The connection was lost while committing.");
    }

    /// <summary>What the gate before a commit does.</summary>
    private static void Send(IReadOnlyList<Fold<Product>> folds, Dictionary<Fold<Product>, HashSet<WaitingToFold<Product>>> done)
    {
        var sent = folds.SelectMany(fold => fold.Commands.Where(one => !done[fold].Contains(one))).ToList();
        if (sent.Exists(one => one.Certainty.IsClosed) || !sent.TrueForAll(one => one.Certainty.TrySend()))
        {
            throw new DeadlinePassed();
        }
    }

    private void Commit(IReadOnlyList<Fold<Product>> folds, Dictionary<Guid, int> versions, Dictionary<Fold<Product>, HashSet<WaitingToFold<Product>>> done)
    {
        var fresh = folds.SelectMany(fold => fold.Commands.Where(one => !done[fold].Contains(one)).Select(one => (fold.StreamId, Id: one.Context.CommandId))).ToList();
        if (folds.Any(fold => _committed[fold.StreamId].Count != versions[fold.StreamId]) || fresh.Exists(one => _receipts.Contains(one.Id)))
        {
            throw new ConcurrencyException(typeof(Product), folds[0].StreamId);
        }

        Send(folds, done);
        foreach (var (stream, id) in fresh)
        {
            _committed[stream].Add(id);
            _receipts.Add(id);
        }
    }

    private void Answer(IReadOnlyList<Fold<Product>> folds, Dictionary<Guid, int> versions, Dictionary<Fold<Product>, HashSet<WaitingToFold<Product>>> done)
    {
        foreach (var fold in folds)
        {
            foreach (var command in fold.Commands)
            {
                Never(command.Outcome.IsCompleted && !command.Certainty.IsClosed, "A command is answered twice.");
                command.End(done[fold].Contains(command)
                    ? new Outcome<Product>.Replayed(new Answer(200, null, null, "{}"))
                    : new Outcome<Product>.Accepted(StateAt(fold.StreamId, ++versions[fold.StreamId]), []));
            }

            fold.LeftAtVersion = versions[fold.StreamId];
        }
    }

    private sealed class Working(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
