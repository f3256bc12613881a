using System.Globalization;
using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>When a run is over, nothing is held any more that was not held before it (invariant 18).</summary>
internal static class LeakCheck
{
    // What nobody holds, or what is not the service's to let go of: how things stand, not how many there are. What dead letters and other messages
    // there are, and what lists lack, is looked at elsewhere.
    private static readonly string[] NotHeld = ["inventory.health", "inventory.messages", "inventory.projections"];

    // Timers of connections that rest, of the runtime, and of requests for levels.
    private static readonly Dictionary<string, double> Slack = new()
    {
        ["dotnet.timer.count"] = 60,
        ["http.server.active_requests"] = 3,
        ["db.client.connection.count/used"] = 6,
        ["advisory locks"] = 3,
    };

    private static readonly string[] OfOthers = ["http.server.active_requests", "dotnet.timer.count", "dotnet.thread_pool.queue.length", "db.client.connection.count/used"];

    public static IEnumerable<Violation> Of(IEnumerable<Held> all) =>
        from held in all
        where held.After > held.Before + Slack.GetValueOrDefault(held.What)
        select new Violation(18, string.Create(
            CultureInfo.InvariantCulture, $"{held.What}: there were {held.Before:0} before the load, and {held.After:0} are left half a minute after it"));

    /// <summary>Whether a metric says how much of something is held.</summary>
    public static bool IsHeld(string metric) => OfOthers.Contains(metric)
        || ((metric.StartsWith("inventory.", StringComparison.Ordinal) || metric.StartsWith("conflicts.", StringComparison.Ordinal))
            && !Array.Exists(NotHeld, name => metric.StartsWith(name, StringComparison.Ordinal)));
}
