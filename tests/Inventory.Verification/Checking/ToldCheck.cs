using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>
/// Who follows the changes is told each of them, once and in order, whichever nodes it asked (invariant 16). A receiver of webhooks is told every fact, and
/// nothing that did not happen (invariant 15); the same one may come again.
/// </summary>
internal static class ToldCheck
{
    private const int ToldMax = 5;

    /// <summary>What followers were told, in one history of the database.</summary>
    /// <param name="history">The history.</param>
    /// <param name="isLast">Whether it went on until everybody had been told everything.</param>
    public static IEnumerable<Violation> Of(History history, bool isLast)
    {
        foreach (var (number, told) in history.Followers.Index())
        {
            for (var at = 0; at < (isLast ? Math.Max(told.Count, history.Log.Count) : told.Count); at++)
            {
                var happened = at < history.Log.Count ? new ToldEvent(history.Log[at].Sequence, history.Log[at].Product, history.Log[at].Version) : null;
                if (at >= told.Count || told[at] != happened)
                {
                    yield return new Violation(16, $"follower {number} was told {(at < told.Count ? told[at] : "nothing more")} as number {at + 1}, and {(happened is null ? "there was nothing more" : $"there was {happened}")}");
                    break;
                }
            }
        }

    }

    /// <summary>What a receiver was told, in the whole run.</summary>
    public static IEnumerable<Violation> Facts(History history)
    {
        if (history.Delivered is { } delivered)
        {
            var facts = FactsOf(history.Log).ToHashSet();
            var lost = history.Lost.SelectMany(one => FactsOf(one.Log)).ToHashSet();
            foreach (var missing in facts.Except(delivered).Take(ToldMax))
            {
                yield return new Violation(15, $"the receiver was never told {missing}");
            }

            foreach (var untrue in delivered.Distinct().Where(id => !facts.Contains(id) && !lost.Contains(id)).Take(ToldMax))
            {
                yield return new Violation(15, $"the receiver was told {untrue}, which did not happen");
            }
        }
    }

    /// <summary>The ids of the facts that events make true.</summary>
    public static IEnumerable<string> FactsOf(IEnumerable<LoggedEvent> log)
    {
        var states = new Dictionary<Guid, ProductState>();
        foreach (var e in log)
        {
            var before = states.GetValueOrDefault(e.Product);
            var after = states[e.Product] = before.After(e);
            foreach (var type in (string?[])
                     [
                         e.Type == LoggedEvent.Expired ? "ReservationExpired" : null,
                         e.Type == LoggedEvent.Discontinued ? "ProductDiscontinued" : null,
                         after.IsLow && !before.IsLow ? "StockLow" : null,
                         before.Available > 0 && after.Available == 0 ? "StockDepleted" : null,
                     ])
            {
                if (type is not null)
                {
                    yield return $"{e.Product}/{e.Version}/{type}";
                }
            }
        }
    }
}
