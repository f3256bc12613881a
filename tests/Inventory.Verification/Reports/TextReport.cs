using System.Globalization;
using System.Text;
using Inventory.Verification.Checking;
using Inventory.Verification.Running;

namespace Inventory.Verification.Reports;

/// <summary>A verdict in words.</summary>
internal static class TextReport
{
    private const int ToldMax = 8;

    /// <summary>0 for green, 1 for red, 3 when the run proves nothing.</summary>
    public static int ExitCode(Verdict verdict) => verdict.Violations.Count > 0 || verdict.Counters.InternalErrors > 0 ? 1 : verdict.Missing.Count > 0 ? 3 : 0;

    /// <summary>What was run, how fast it was, and what it proves.</summary>
    public static string Of(RunResult result)
    {
        var plan = result.Plan;
        var faults = result.Faults.GroupBy(span => span.Fault).Select(group => $"{group.Key} {group.Count()}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
             {plan.Workload.Name} on {plan.Nodes} nodes by {plan.Clients} clients, seed {plan.Seed}, history in {plan.Folder}
             {result.Verdict.Counters.Operations / result.Loaded.TotalSeconds:N0} operations a second over {result.Loaded.TotalSeconds:N0} s
             {result.Latencies}
             {result.Faults.Count} faults: {string.Join(", ", faults)}
             {Of(result.Verdict)}
             """);
    }

    public static string Of(Verdict verdict)
    {
        var text = new StringBuilder();
        text.AppendLine(Of(verdict.Counters));

        foreach (var group in verdict.Violations.GroupBy(violation => violation.Invariant).OrderBy(group => group.Key))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"invariant {group.Key}: broken {group.Count():N0} times");
        }

        // Some of each kind: many of one must not hide another.
        verdict.Violations.GroupBy(violation => violation.Invariant).OrderBy(group => group.Key).SelectMany(group => group.Take(ToldMax)).ToList().ForEach(violation => text.AppendLine(violation.ToString()));
        verdict.Missing.ToList().ForEach(missing => text.AppendLine(missing));
        return text.Append(ExitCode(verdict) switch
        {
            0 => "GREEN: every promise was kept",
            1 => string.Create(CultureInfo.InvariantCulture, $"RED: {verdict.Violations.Count:N0} violations, {verdict.Counters.InternalErrors:N0} answers with status 500"),
            _ => "INVALID: the run is incomplete and proves nothing",
        }).ToString();
    }

    /// <summary>The counters, a line each.</summary>
    public static string Of(Counters counters) =>
        string.Join('\n', Counts(counters).Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value,12:N0}  {count.Name}")));

    /// <summary>What never happened although it should have been met.</summary>
    public static List<string> Unmet(Counters counters) => [.. Counts(counters with { InternalErrors = 1 }).Where(count => count.Value == 0).Select(count => count.Name)];

    /// <summary>The counters, by what they count.</summary>
    public static IReadOnlyList<(string Name, int Value)> Counts(Counters counters) =>
    [
        ("operations", counters.Operations),
        ("events", counters.Events),
        ("commands accepted", counters.Accepted),
        ("commands refused", counters.Refused),
        ("unknown, and done", counters.UnknownAndDone),
        ("unknown, and not done", counters.UnknownAndNot),
        ("unknown, and settled by asking again", counters.SettledByAskingAgain),
        ("replayed by a node not asked before", counters.ReplayedByAnotherNode),
        ("products driven to exactly 0", counters.DrivenToZero),
        ("refusals by exactly 1 unit", counters.RefusedByOne),
        ("conflicts told", counters.Conflicts),
        ("merged with unseen changes", counters.Merged),
        ("reservations expired", counters.Expired),
        ("catalogue pages that said they were behind", counters.StaleLists),
        ("takeovers of the lead", counters.Takeovers),
        ("decided again after a lost race", counters.Redone),
        ("events that say which request wrote them", counters.Attributed),
        ("refused by one attempt and done by another", counters.RefusedAndDone),
        ("adjustments done first by all nodes at once", counters.AdjustmentsAtOnce),
        ("reorder points set first by all nodes at once", counters.ReorderPointsAtOnce),
        ("renames done first by all nodes at once", counters.RenamesAtOnce),
        ("reservations made first by all nodes at once", counters.ReservationsAtOnce),
        ("orders done first by all nodes at once", counters.OrdersAtOnce),
        ("products created first by all nodes at once", counters.CreationsAtOnce),
        ("files imported first by all nodes at once", counters.ImportsAtOnce),
        ("done by all nodes at once with If-Match", counters.IfMatchAtOnce),
        ("done by all nodes at once with Seen-Version", counters.SeenAtOnce),
        ("done by all nodes at once while one was killed", counters.AtOnceUnderKill),
        ("errors of class 08 after a lost commit", counters.Errors08AfterDoubt),
        ("errors of class 25 after a lost commit", counters.Errors25AfterDoubt),
        ("errors of class 40 after a lost commit", counters.Errors40AfterDoubt),
        ("errors of class 53 after a lost commit", counters.Errors53AfterDoubt),
        ("errors of class 55 after a lost commit", counters.Errors55AfterDoubt),
        ("errors of class 57 after a lost commit", counters.Errors57AfterDoubt),
        ("errors of class XX after a lost commit", counters.ErrorsXXAfterDoubt),
        ("requests while the database stood still", counters.StoodStill),
        ("times that the database was set back", counters.SetBacks),
        ("events lost by that", counters.LostEvents),
        ("requests of others beside a nuisance", counters.OnlookedAt),
        ("levels looked at for leaks", counters.Held),
        ("times that bystanders threw", counters.Thrown),
        ("messages delivered again", counters.Redelivered),
        ("answers with status 500", counters.InternalErrors),
    ];
}
