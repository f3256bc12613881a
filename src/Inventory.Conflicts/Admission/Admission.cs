using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Inventory.Conflicts;

/// <summary>
/// Admits work to the database: each kind has a budget of connections, so that none takes them away from another. When
/// a budget is used up, work waits in line, the first come first, and is turned away when the line is full or the wait
/// is too long. The budgets together stay below the pool, so whoever was admitted finds a connection.
/// </summary>
/// <remarks>
/// Take a slot when everything that the work needs is there, such as a request's body, and give it back before anything
/// that somebody else can make slow, such as reading an answer. Who holds a slot must not wait for another one. <see
/// cref="Work.Projection"/> and <see cref="Work.Message"/> are begun by frameworks, which bound them by their own
/// settings; their budgets are kept free for them.
/// </remarks>
public sealed class Admission : IDisposable
{
    private readonly Budget[] _budgets;
    private readonly AdmissionOptions _options;
    private readonly TimeProvider _clock;

    public Admission(
        IOptions<AdmissionOptions> options, NpgsqlDataSource database, IMeterFactory meters, TimeProvider clock)
        : this(options.Value, SizeOf(database), meters, clock)
    {
    }

    /// <summary>With a pool of so many connections.</summary>
    internal Admission(AdmissionOptions options, int pool, IMeterFactory meters, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        _budgets =
        [
            .. Enum.GetValues<Work>().Select(work => new Budget(work, options.LimitOf(work, pool), options.WaitingMax)),
        ];

        // Observed only: what measures at once has those who listen run inside of the work, with whatever they throw.
        var meter = meters.Create(ConflictMetrics.MeterName);
        meter.CreateObservableGauge(
            "inventory.admission.limit", () => _budgets.Select(budget => budget.Of(budget.Limit)), "{connection}",
            "How much work of a kind may use the database at once on this node.");
        meter.CreateObservableGauge(
            "inventory.admission.in_use", () => Entered.Select(budget => budget.Of(budget.InUse)), "{connection}",
            "How much work of a kind uses the database now.");
        meter.CreateObservableGauge(
            "inventory.admission.waiting", () => Entered.Select(budget => budget.Of(budget.Waiting)), "{request}",
            "How much work of a kind waits for its budget.");
        meter.CreateObservableCounter(
            "inventory.admission.turned_away", () => Entered.Select(budget => budget.Of(budget.TurnedAway)),
            "{request}",
            "Work that was turned away because its line was full or its wait too long.");
    }

    private IEnumerable<Budget> Entered =>
        _budgets.Where(budget => budget.Work is not (Work.Projection or Work.Message));

    /// <summary>How many pieces of a kind of work are admitted at once.</summary>
    public int LimitOf(Work work) => _budgets[(int)work].Limit;

    /// <summary>Waits for a slot, as long as <see cref="AdmissionOptions.WaitMax"/> at most.</summary>
    /// <param name="work">What it is for.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>
    /// The slot, until it is disposed; null when the line is full or the wait was too long: then nothing may be begun,
    /// and the answer is <c>overloaded</c>.
    /// </returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public ValueTask<AdmissionLease?> EnterAsync(Work work, CancellationToken cancellation) =>
        EnterAsync(work, _options.WaitMax, cancellation);

    /// <summary>Waits for a slot, at most as long as given.</summary>
    /// <param name="work">What it is for.</param>
    /// <param name="waitMax">
    /// How long to wait at most; with zero or less, only a slot that is free at once is taken.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The slot, until it is disposed; null when it could not be had: then nothing may be begun.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public ValueTask<AdmissionLease?> EnterAsync(Work work, TimeSpan waitMax, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var budget = _budgets[(int)work];
        if (budget.Take() is { } free)
        {
            return ValueTask.FromResult<AdmissionLease?>(free);
        }

        if (waitMax > TimeSpan.Zero)
        {
            return new ValueTask<AdmissionLease?>(WaitAsync(budget, waitMax, cancellation));
        }

        budget.TurnAway();
        return ValueTask.FromResult<AdmissionLease?>(null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var budget in _budgets)
        {
            budget.Dispose();
        }
    }

    /// <summary>How many connections a pool has at most.</summary>
    internal static int SizeOf(NpgsqlDataSource database) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize;

    private async Task<AdmissionLease?> WaitAsync(Budget budget, TimeSpan waitMax, CancellationToken cancellation)
    {
        using var tooLate = new CancellationTokenSource(waitMax, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, cancellation);
        try
        {
            if (await budget.WaitAsync(end.Token) is { } slot)
            {
                return slot;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It waited too long.
        }

        budget.TurnAway();
        return null;
    }

    private sealed class Budget(Work work, int limit, int waitingMax) : IDisposable
    {
        private readonly ConcurrencyLimiter _limiter = new(new()
        {
            PermitLimit = limit,
            QueueLimit = waitingMax,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });

        private long _turnedAway;

        public Work Work { get; } = work;

        public int Limit { get; } = limit;

        public long InUse => Limit - _limiter.GetStatistics()!.CurrentAvailablePermits;

        public long Waiting => _limiter.GetStatistics()!.CurrentQueuedCount;

        public long TurnedAway => Interlocked.Read(ref _turnedAway);

        /// <summary>A slot that is free; null when there is none, or somebody waits for it already.</summary>
        public AdmissionLease? Take() => SlotOf(_limiter.AttemptAcquire());

        /// <summary>A slot when it is this one's turn; null when the line is full.</summary>
        public async Task<AdmissionLease?> WaitAsync(CancellationToken cancellation) =>
            SlotOf(await _limiter.AcquireAsync(cancellationToken: cancellation));

        public void TurnAway() => Interlocked.Increment(ref _turnedAway);

        public Measurement<long> Of(long value) =>
            new(value, new KeyValuePair<string, object?>("work", Work.ToString()));

        public void Dispose() => _limiter.Dispose();

        private static AdmissionLease? SlotOf(RateLimitLease lease)
        {
            if (lease.IsAcquired)
            {
                return new AdmissionLease(lease);
            }

            lease.Dispose();
            return null;
        }
    }
}

/// <summary>
/// A slot that was taken; disposing of it gives it to whoever waits longest. Doing so twice gives it back once.
/// </summary>
public sealed class AdmissionLease : IDisposable
{
    private readonly RateLimitLease _lease;

    internal AdmissionLease(RateLimitLease lease) => _lease = lease;

    /// <inheritdoc/>
    public void Dispose() => _lease.Dispose();
}

/// <summary>Holds the shares against each other and the pool before the service starts.</summary>
internal sealed class AdmissionFits(NpgsqlDataSource database) : IValidateOptions<AdmissionOptions>
{
    public ValidateOptionsResult Validate(string? name, AdmissionOptions options) =>
        options.Fault(Admission.SizeOf(database)) is { } fault
            ? ValidateOptionsResult.Fail(fault)
            : ValidateOptionsResult.Success;
}
