using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>
/// Takes a run apart in which the database was set back: each time it is one history that ends, and another one that begins with
/// a part of its events. Each is then checked as if there were no other.
/// </summary>
internal static class Epochs
{
    /// <summary>The histories of a run, in order. The last one goes on to its end.</summary>
    public static IReadOnlyList<History> Of(History history)
    {
        var setBacks = history.Run.SetBacks;
        if (setBacks.Count == 0)
        {
            return [history];
        }

        var histories = new List<History>();
        for (var number = 0; number <= setBacks.Count; number++)
        {
            var isLast = number == setBacks.Count;
            var log = isLast ? history.Log : history.Lost[number].Log;
            var before = number == 0 ? null : histories[^1];
            histories.Add(history with
            {
                Log = log,
                Operations = new Epoch(before, number == 0 ? null : setBacks[number - 1], isLast ? null : setBacks[number], log).Of(history.Operations),
                Followers = isLast ? history.Followers : history.Lost[number].Followers,
                Delivered = isLast ? history.Delivered : null,
            });
        }

        return histories;
    }

    /// <summary>How many commands were acknowledged and are lost.</summary>
    public static int Lost(IReadOnlyList<History> histories) =>
        histories.Zip(histories.Skip(1)).Sum(pair =>
        {
            var left = pair.Second.Log.Select(e => e.Command).ToHashSet();
            return pair.First.Log.Count(e => !left.Contains(e.Command));
        });

    /// <summary>One of the histories.</summary>
    /// <param name="before">The history before it, of which it has a part.</param>
    /// <param name="began">What it began with.</param>
    /// <param name="ended">What it ended with.</param>
    /// <param name="log">Its events.</param>
    private sealed class Epoch(History? before, SetBack? began, SetBack? ended, IReadOnlyList<LoggedEvent> log)
    {
        private readonly Dictionary<string, Operation> _before = before?.Operations.ToDictionary(operation => operation.Id) ?? [];
        private readonly HashSet<string> _left = Left(before, log);
        private readonly Dictionary<string, int> _amounts = log.GroupBy(e => e.Actor).ToDictionary(group => group.Key, group => group.First().Amount);

        public IReadOnlyList<Operation> Of(IEnumerable<Operation> operations) =>
            [.. operations.Select(Of).Where(operation => operation.Attempts.Count > 0)];

        private Operation Of(Operation operation)
        {
            var isKept = began is not null && _before.TryGetValue(operation.Id, out var known) && known.Answered is { } answered
                && (_left.Contains(operation.Id) || answered.Ended < began.CopyBegan);
            List<Attempt> attempts =
            [
                .. operation.Attempts.Index()
                    .Select(pair => Of(pair.Item, operation, isKept) is { } attempt ? attempt with { Number = pair.Index } : null)
                    .OfType<Attempt>(),
            ];
            return IsAnother(operation, attempts)
                ? operation with { Request = operation.Request.Otherwise(), Attempts = [.. attempts.Select(attempt => attempt with { OtherBody = false })] }
                : operation with { Attempts = attempts };
        }

        /// <summary>
        /// Whether nobody knows the key any more, because its receipt is lost, so that something else was done under it.
        /// </summary>
        private bool IsAnother(Operation operation, List<Attempt> attempts) =>
            began is not null && attempts.Find(attempt => attempt.OtherBody) is { } other
            && attempts.TrueForAll(attempt => attempt == other || attempt.Reply is null or { End: End.Unknown })
            && (other.Reply is { IsKept: true } || _amounts.GetValueOrDefault(operation.Id) == operation.Request.Otherwise().Amount);

        /// <summary>What an attempt is in this history; null when it is none of its.</summary>
        private Attempt? Of(Attempt attempt, Operation operation, bool isKept)
        {
            if (ended is not null && attempt.Began > ended.Gone)
            {
                return null;
            }

            if (ended is not null && attempt.Ended >= ended.Stopped)
            {
                return Unheard(attempt);
            }

            if (began is null || attempt.Began > began.Gone)
            {
                return attempt;
            }

            // It began before this history did. It may have ended in either, or be under way still; or it was answered, and holds.
            var mayGoOn = operation.Request.Writes
                && (attempt.Ended >= began.Stopped || operation.SentTwice || attempt.Reply is not { End: not End.Unknown });
            return isKept && attempt is { Reply.IsKept: true } && attempt.Ended < began.Stopped ? attempt
                : mayGoOn || (isKept && attempt.Reply is not { End: End.Refused }) ? Unheard(attempt)
                : null;
        }

        private static Attempt Unheard(Attempt attempt) => attempt with { Reply = new Reply(End.Unknown, 0) };

        /// <summary>Whose events are in both.</summary>
        private static HashSet<string> Left(History? before, IReadOnlyList<LoggedEvent> log)
        {
            var known = before?.Log.Select(Place).ToHashSet() ?? [];
            return [.. log.Where(e => known.Contains(Place(e))).Select(e => e.Actor)];

            static (long, Guid, long, Guid) Place(LoggedEvent e) => (e.Sequence, e.Product, e.Version, e.Command);
        }
    }
}
