namespace Inventory.Verification.Checking;

/// <summary>
/// Where something has its place in a product's order, and when it can have happened. What an event did comes first at its version; what was
/// read there, or refused for what was there, comes after, in whatever order.
/// </summary>
/// <param name="Version">The version.</param>
/// <param name="Looks">Whether it only looked.</param>
/// <param name="Began">It did not happen before.</param>
/// <param name="Ended">It did not happen after.</param>
/// <param name="Operation">Whose it is.</param>
internal readonly record struct Placed(long Version, bool Looks, long Began, long Ended, string Operation)
{
    /// <summary>
    /// Finds whatever is placed after something that began when it had ended already (invariant 9). The places are the only order that explains
    /// the answers, so nothing else needs to be tried.
    /// </summary>
    public static IEnumerable<Violation> AgainstTime(Guid product, List<Placed> placed)
    {
        placed.Sort(static (a, b) => a.Version != b.Version ? a.Version.CompareTo(b.Version) : a.Looks.CompareTo(b.Looks));
        var latest = default(Placed) with { Began = long.MinValue };
        for (var at = 0; at < placed.Count;)
        {
            var beyond = at;
            while (beyond < placed.Count && (placed[beyond].Version, placed[beyond].Looks) == (placed[at].Version, placed[at].Looks))
            {
                beyond++;
            }

            for (var i = at; i < beyond; i++)
            {
                if (placed[i].Ended < latest.Began)
                {
                    yield return new Violation(
                        9,
                        $"product {product}: {placed[i].Operation} had ended at {placed[i].Ended} µs, before {latest.Operation} began at {latest.Began} µs, "
                        + $"but it belongs to version {placed[i].Version} and the later one to version {latest.Version}",
                        placed[i].Operation, latest.Operation);
                }
            }

            for (; at < beyond; at++)
            {
                latest = placed[at].Began > latest.Began ? placed[at] : latest;
            }
        }
    }
}
