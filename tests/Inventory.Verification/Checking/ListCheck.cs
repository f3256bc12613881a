using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>Catalogue pages show what was, say truly how old they are, and contain what they were asked to contain (invariants 10 and 11).</summary>
internal sealed class ListCheck
{
    // The database says how old an event is by the wall clock, which may be slewed while the run's own clock is not.
    private const long SlewMilliseconds = 50;

    // By product, of each of its events: its number in the store, and when it was asked for.
    private readonly Dictionary<Guid, (long[] Numbers, long[] Begun)> _events;

    // By the sequence numbers of acknowledged events, in order: when the first acknowledgement of this or a later one came.
    private readonly long[] _numbers;
    private readonly long[] _acknowledgedFrom;
    private readonly long _clockMilliseconds;

    public ListCheck(History history)
    {
        // An event of a node whose clock is ahead seems so much younger.
        _clockMilliseconds = SlewMilliseconds + (long)history.Run.Ahead.TotalMilliseconds;
        var operations = new Dictionary<string, Operation>(history.Operations.Count);
        foreach (var operation in history.Operations.Where(operation => operation.Request.Writes))
        {
            operations.Add(operation.Id, operation);
        }

        var causes = history.Log.Select(e => operations.GetValueOrDefault(e.Actor)).ToList();
        _events = history.Log.Zip(causes).GroupBy(pair => pair.First.Product).ToDictionary(stream => stream.Key, stream =>
        {
            var ordered = stream.OrderBy(pair => pair.First.Version).ToList();
            return (ordered.Select(pair => pair.First.Sequence).ToArray(), ordered.Select(pair => pair.Second?.Began ?? long.MinValue).ToArray());
        });
        var acknowledged = new List<(long Number, long At)>(history.Log.Count);
        foreach (var (e, operation) in history.Log.Zip(causes))
        {
            if (operation is { Fate: Fate.Accepted, Answered: { } answered })
            {
                acknowledged.Add((e.Sequence, answered.Ended));
            }
        }

        acknowledged.Sort();
        _numbers = [.. acknowledged.Select(pair => pair.Number)];
        _acknowledgedFrom = [.. acknowledged.Select(pair => pair.At)];
        for (var i = _acknowledgedFrom.Length - 2; i >= 0; i--)
        {
            _acknowledgedFrom[i] = Math.Min(_acknowledgedFrom[i], _acknowledgedFrom[i + 1]);
        }
    }

    /// <summary>Checks all pages.</summary>
    /// <param name="operations">What was asked for.</param>
    /// <param name="products">The products by their events.</param>
    public IEnumerable<Violation> Of(IEnumerable<Operation> operations, IReadOnlyDictionary<Guid, ProductCheck> products)
    {
        foreach (var operation in operations.Where(operation => operation.Request.Act == Act.List))
        {
            foreach (var attempt in operation.Attempts.Where(attempt => attempt.Reply is { End: End.Ok }))
            {
                foreach (var violation in Rows(operation, attempt, products).Concat(Lag(operation, attempt)))
                {
                    yield return violation;
                }
            }
        }
    }

    private IEnumerable<Violation> Rows(Operation operation, Attempt attempt, IReadOnlyDictionary<Guid, ProductCheck> products)
    {
        var reply = attempt.Reply!;
        foreach (var row in reply.Shown)
        {
            if (products.GetValueOrDefault(row.Product)?.States is not { } states || row.Version < 1 || row.Version >= states.Count)
            {
                yield return new Violation(11, $"{operation.Id} was listed product {row.Product} at version {row.Version}, which it never had", operation.Id);
                continue;
            }

            if (!states[(int)row.Version].IsShownAs(row))
            {
                yield return new Violation(11, $"{operation.Id} was listed product {row.Product} as {row.OnHand} on hand and {row.Reserved} reserved; there was {states[(int)row.Version]}", operation.Id);
            }

            var (numbers, begun) = _events[row.Product];
            if (attempt.Ended < begun[row.Version - 1])
            {
                yield return new Violation(9, $"{operation.Id} was listed product {row.Product} at version {row.Version} before that was asked for", operation.Id);
            }

            // What the page says it contains is in it.
            if (reply.Lag is { } lag && Count(numbers, lag.AsOf) is var contained && row.Version < contained)
            {
                yield return new Violation(
                    11, $"{operation.Id} was listed product {row.Product} at version {row.Version}, and the page says it contains everything up to number {lag.AsOf}, which is version {contained}", operation.Id);
            }
        }

        if (operation.Request.Seen is { } after && reply.Shown.FirstOrDefault(row => row.Product == operation.Request.Product) is { } own && own.Version < after)
        {
            yield return new Violation(10, $"{operation.Id} asked for product {own.Product} at version {after} at least, and was listed version {own.Version}", operation.Id);
        }
    }

    private IEnumerable<Violation> Lag(Operation operation, Attempt attempt)
    {
        if (attempt.Reply!.Lag is not { } lag)
        {
            yield return new Violation(11, $"{operation.Id} was not told how old the list is", operation.Id);
            yield break;
        }

        var missing = Count(_numbers, lag.AsOf);
        if (missing == _numbers.Length || _acknowledgedFrom[missing] is var since && since >= attempt.Began)
        {
            yield break;
        }

        var sinceMilliseconds = (attempt.Began - since) / 1_000;
        if (lag.UpToDate || lag.Milliseconds + _clockMilliseconds < sinceMilliseconds)
        {
            yield return new Violation(
                11, $"{operation.Id} was told that the list is {(lag.UpToDate ? "up to date" : $"{lag.Milliseconds} ms behind")}, and something that is not in it had been acknowledged {sinceMilliseconds} ms before it was asked for", operation.Id);
        }

        if (lag.Head < LastAcknowledgedBefore(attempt.Began, lag.Head))
        {
            yield return new Violation(11, $"{operation.Id} was told that the newest event is number {lag.Head}, and a later one had been acknowledged before it was asked for", operation.Id);
        }
    }

    private long LastAcknowledgedBefore(long began, long head)
    {
        var beyond = Count(_numbers, head);
        return beyond < _numbers.Length && _acknowledgedFrom[beyond] < began ? _numbers[beyond] : head;
    }

    /// <summary>How many of some numbers in order are not above a bound.</summary>
    private static int Count(long[] numbers, long bound)
    {
        var at = Array.BinarySearch(numbers, bound);
        return at >= 0 ? at + 1 : ~at;
    }
}
