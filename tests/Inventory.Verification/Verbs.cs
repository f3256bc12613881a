using System.Diagnostics;
using System.Globalization;
using Inventory.Verification.Checking;
using Inventory.Verification.Controls;
using Inventory.Verification.Faults;
using Inventory.Verification.Reports;
using Inventory.Verification.Running;

namespace Inventory.Verification;

/// <summary>What the verbs do that need nodes and a database.</summary>
internal static class Verbs
{
    private const int ControlOperations = 800;

    /// <summary>One run.</summary>
    public static async Task<int> RunAsync(RunOptions options)
    {
        await using var server = await StoreServer.StartAsync(PrivateData(options.Folder), options.Connection, options.DiskMegabytes);
        return await OnceAsync(options.Plan(0) is var plan && options.Workload is null ? plan with { Workload = Workload.All[0] } : plan, server);
    }

    /// <summary>Many runs, and their sum.</summary>
    public static async Task<int> RecordAsync(RunOptions options)
    {
        await using var server = await StoreServer.StartAsync(PrivateData(options.Folder), options.Connection, options.DiskMegabytes);
        return await AllAsync(Enumerable.Range(0, options.Seeds).Select(options.Plan), options.Folder, server);
    }

    /// <summary>The runs of the tier on demand, and their sum, in which every interesting case has to be.</summary>
    public static async Task<int> OnDemandAsync(RunOptions options)
    {
        await using var server = await StoreServer.StartAsync(PrivateData(options.Folder), options.Connection);
        return await AllAsync(Tier.OnDemand.Select(options.Plan), options.Folder, server, meetsEverything: true);
    }

    /// <summary>What runs with every change: a run with faults, and all controls.</summary>
    public static async Task<int> ContinuousAsync(RunOptions options)
    {
        var clock = Stopwatch.StartNew();
        await using var server = await StoreServer.StartAsync(PrivateData(options.Folder), options.Connection);
        var runs = await AllAsync(Tier.Continuous.Select(options.Plan), options.Folder, server);
        // The others need waits that can be measured, or more of what they break than a short run meets: they are tried on demand.
        string[] onDemand = ["one-line", "no-doubt", "left-open"];
        var controls = await ControlsAsync(server, options.Folder, [.. Sabotage.All.Where(control => !onDemand.Contains(control.Name))]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMinutes:0.0} minutes; the histories are in {options.Folder}"));
        return Math.Max(runs, controls);
    }

    /// <summary>Controls, each of which has to turn red.</summary>
    public static async Task<int> ControlAsync(IReadOnlyList<string> names)
    {
        var chosen = names.Count == 0
            ? Sabotage.All
            : [.. names.Select(name => Sabotage.All.FirstOrDefault(sabotage => sabotage.Name == name) ?? throw new ArgumentException($"{name} is no control."))];
        var folder = RunOptions.TemporaryFolder();
        await using var server = await StoreServer.StartAsync(PrivateData(folder), null);
        return await ControlsAsync(server, folder, chosen);
    }

    /// <summary>One run after the other, each on an empty database, what each came to, and what they come to together.</summary>
    private static async Task<int> AllAsync(IEnumerable<RunPlan> plans, string folder, StoreServer server, bool meetsEverything = false)
    {
        var results = new List<RunResult>();
        var sum = new Counters();
        foreach (var plan in plans)
        {
            await server.MakeDatabaseAsync();
            var result = await new Run(plan, server).RunAsync();
            results.Add(result);
            sum += result.Verdict.Counters;
            Console.WriteLine(TextReport.Of(result));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"so far {results.Count} runs, {sum.Operations:N0} operations, {results.Sum(one => one.Faults.Count):N0} faults, {results.Count(one => one.Verdict.IsGreen)} green\n"));
            await File.WriteAllTextAsync(Path.Combine(folder, "report.html"), HtmlReport.Of(results));
            if (TextReport.ExitCode(result.Verdict) == 0)
            {
                Directory.Delete(plan.Folder, recursive: true); // What is kept is what somebody has to look at.
            }
        }

        Console.WriteLine(TextReport.Of(sum));
        var unmet = meetsEverything ? TextReport.Unmet(sum) : [];
        unmet.ForEach(name => Console.WriteLine($"not once: {name}"));
        Console.WriteLine($"report: {Path.Combine(folder, "report.html")}");
        return Math.Max(results.Max(result => TextReport.ExitCode(result.Verdict)), unmet.Count > 0 ? 3 : 0);
    }

    private static async Task<int> OnceAsync(RunPlan plan, StoreServer server)
    {
        var result = await new Run(plan, server).RunAsync();
        Console.WriteLine(TextReport.Of(result));
        await File.WriteAllTextAsync(Path.Combine(plan.Folder, "report.html"), HtmlReport.Of([result]));
        return TextReport.ExitCode(result.Verdict);
    }

    private static async Task<int> ControlsAsync(StoreServer server, string folder, IReadOnlyList<Sabotage> controls)
    {
        var unnoticed = 0;
        foreach (var (number, sabotage) in controls.Index())
        {
            await server.MakeDatabaseAsync();
            var plan = new RunPlan(
                Workload.Find(sabotage.Workload)!, [.. sabotage.Faults.Select(Fault.Named)], 2 * sabotage.Faults.Count, 2, 12, ControlOperations, 1, (ulong)number,
                Path.Combine(folder, sabotage.Name))
            {
                Sabotage = sabotage,
                NuisanceTime = sabotage.NuisanceTime,
            };
            var verdict = (await new Run(plan, server).RunAsync()).Verdict;
            var noticed = verdict.Violations.Select(violation => violation.Invariant).Intersect(sabotage.Invariants).Any();
            unnoticed += noticed ? 0 : 1;
            var found = string.Join(", ", verdict.Violations.GroupBy(violation => violation.Invariant).OrderBy(group => group.Key).Select(group => $"invariant {group.Key} {group.Count()} times"));
            Console.WriteLine($"control {sabotage.Name}: {sabotage.About}: {(noticed ? "red, as it has to be" : "NOT NOTICED")} ({found})");
            Console.WriteLine($"  such as {verdict.Violations.FirstOrDefault(violation => sabotage.Invariants.Contains(violation.Invariant))}");
        }

        return unnoticed == 0 ? 0 : 1;
    }

    private static string PrivateData(string folder) => Path.Combine(folder, "postgres");
}
