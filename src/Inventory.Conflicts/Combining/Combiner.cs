using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inventory.Conflicts;

/// <summary>
/// Puts the commands of this node in line by stream, and folds those that may be folded into common commits.
/// </summary>
/// <typeparam name="TAggregate">The aggregate the streams fold to.</typeparam>
public sealed class Combiner<TAggregate> : IHostedService, IDisposable where TAggregate : class, IAggregate<TAggregate>
{
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(20);

    private readonly KnownStates<TAggregate> _known;
    private readonly FoldCommit<TAggregate> _commit;
    private readonly Lane<TAggregate>[] _lanes;
    private readonly ConflictOptions _options;
    private readonly TimeProvider _clock;
    private int _waiting;
    private volatile bool _closed;

    public Combiner(
        IDocumentStore store, Receipts receipts, IAnswers<TAggregate> answers, IParts<TAggregate> parts, StreamLocks<TAggregate> locks,
        DatabaseHistory history, Admission admission, IOptions<ConflictOptions> options, TimeProvider clock, ConflictMetrics metrics,
        ILogger<Combiner<TAggregate>> logger)
        : this(
            known => new FoldAttempt<TAggregate>(store, receipts, answers, parts, locks, known, admission, options.Value, clock).RunAsync, history,
            options.Value, clock, metrics, logger, admission.LimitOf(Work.Batch) - options.Value.Lanes)
    {
        metrics.Observe(typeof(TAggregate).Name, () => _waiting, () => Lines, () => _commit.Remembered);
    }

    /// <summary>With attempts of the caller's own, which <see cref="FoldCommit{TAggregate}"/> describes.</summary>
    internal Combiner(
        Func<KnownStates<TAggregate>, Func<IReadOnlyList<Fold<TAggregate>>, bool, CancellationToken, Task>> attempts, DatabaseHistory history,
        ConflictOptions options, TimeProvider clock, ConflictMetrics metrics, ILogger logger, int? aloneMax = null)
    {
        logger = new Bystanders.Logger(logger);
        _options = options;
        _clock = clock;
        _known = new KnownStates<TAggregate>(_options, history, clock);
        _commit = new FoldCommit<TAggregate>(attempts(_known), _options, clock, metrics, logger, aloneMax ?? 4 * _options.Lanes);
        _lanes = [.. Enumerable.Range(0, _options.Lanes).Select(_ => new Lane<TAggregate>(_commit.RunAsync, _options, clock, metrics, logger))];
    }

    /// <summary>How many commands wait or are being executed on this node.</summary>
    internal int Waiting => _waiting;

    /// <summary>How many streams have a line.</summary>
    internal int Lines => _lanes.Sum(lane => lane.Lines);

    /// <summary>Folds a command with whatever else waits when its turn comes.</summary>
    internal async Task<Outcome<TAggregate>> FoldAsync(Guid streamId, ICommand<TAggregate> command, CommandContext context, Certainty certainty)
    {
        var waiting = new WaitingToFold<TAggregate>(command, context, certainty, _clock.GetTimestamp());
        if (!Join(streamId, waiting))
        {
            return certainty.End(new Outcome<TAggregate>.Overloaded());
        }

        try
        {
            return await waiting.Outcome;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>
    /// Waits for a turn on the stream, alone; the turn lasts until what is returned is disposed. Null when too many wait,
    /// or the wait was too long.
    /// </summary>
    public async Task<IDisposable?> EnterAsync(Guid streamId)
    {
        var waiting = new WaitingForTurn(_clock.GetTimestamp());
        if (!Join(streamId, waiting))
        {
            return null;
        }

        if (await waiting.Turn)
        {
            return new Turn(this, streamId);
        }

        Interlocked.Decrement(ref _waiting);
        return null;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A command of the aggregate's assembly declares a policy that makes no sense.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Also those that no handler chain is there to speak for.
        foreach (var command in typeof(TAggregate).Assembly.GetTypes().Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(ICommand<TAggregate>))))
        {
            ConflictPolicies.Of(command);
        }

        return Task.CompletedTask;
    }

    /// <summary>Takes no more commands and waits until those that it has taken are done, also those whose callers hung up.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _closed = true;
        while (_waiting > 0)
        {
            await Task.Delay(DrainPoll, _clock, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _known.Dispose();

    private bool Join(Guid streamId, Waiting waiting)
    {
        if (Interlocked.Increment(ref _waiting) <= _options.WaitingPerNodeMax && !_closed && LaneOf(streamId).Join(streamId, waiting))
        {
            return true;
        }

        Interlocked.Decrement(ref _waiting);
        return false;
    }

    // By the id, so that two nodes give a stream to the lane of the same number and meet less often.
    private Lane<TAggregate> LaneOf(Guid streamId) => _lanes[(uint)streamId.GetHashCode() % (uint)_lanes.Length];

    private sealed class Turn(Combiner<TAggregate> combiner, Guid streamId) : IDisposable
    {
        public void Dispose()
        {
            combiner._known.Forget(streamId);
            combiner.LaneOf(streamId).Leave(streamId);
            Interlocked.Decrement(ref combiner._waiting);
        }
    }
}
