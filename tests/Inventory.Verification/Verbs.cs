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

    // Most of it is one product that everybody changes, which is fast because its commands are folded; the rest is a little of everything.
    private static readonly string[][] ContinuousShares =
    [
        ["--workload", "hot", "--operations", "40000", "--fault-count", "7", "--clients", "48", "--minutes", "1"],
        ["--workload", "mixed", "--operations", "10000", "--fault-count", "13", "--minutes", "1"],
    ];

    /// <summary>One run.</summary>
    public static async Task<int> RunAsync(RunOptions options)
    {
        await using var server = await StoreServer.StartAsync(PrivateData(options.Folder), options.Connection);
        return await OnceAsync(options.Plan(0) is var plan && options.Workload is null ? plan with { Workload = Workload.All[0] } : plan, server);
    }

    /// <summary>Many runs, and their sum.</summary>
    public static async Task<int> RecordAsync(RunOptions options)
    {
        await using var server = await StoreServer.StartAsync(PrivateData(options.Folder), options.Connection);
        var (worst, operations, faults) = (0, 0L, 0L);
        for (var number = 0; number < options.Seeds; number++)
        {
            var plan = options.Plan(number);
            await server.MakeDatabaseAsync();
            var result = await new Run(plan, server).RunAsync();
            Console.WriteLine(TextReport.Of(result));
            worst = Math.Max(worst, TextReport.ExitCode(result.Verdict));
            operations += result.Verdict.Counters.Operations;
            faults += result.Faults.Count;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"so far {number + 1} runs, {operations:N0} operations, {faults:N0} faults\n"));
            if (result.Verdict.IsGreen)
            {
                Directory.Delete(plan.Folder, recursive: true); // What is kept is what somebody has to look at.
            }
        }

        return worst;
    }

    /// <summary>What runs with every change: two runs with faults, and all controls.</summary>
    public static async Task<int> ContinuousAsync()
    {
        var folder = RunOptions.TemporaryFolder();
        var clock = Stopwatch.StartNew();
        await using var server = await StoreServer.StartAsync(PrivateData(folder), null);
        var green = 0;
        foreach (var share in ContinuousShares)
        {
            await server.MakeDatabaseAsync();
            green = Math.Max(green, await OnceAsync(RunOptions.Read([.. share, "--folder", folder]).Plan(0), server));
        }

        var controls = await ControlsAsync(server, folder, Sabotage.All);
        Console.WriteLine($"{clock.Elapsed.TotalMinutes:0.0} minutes; the histories are in {folder}");
        return Math.Max(green, controls);
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

    private static async Task<int> OnceAsync(RunPlan plan, StoreServer server)
    {
        var result = await new Run(plan, server).RunAsync();
        Console.WriteLine(TextReport.Of(result));
        return TextReport.ExitCode(result.Verdict);
    }

    private static async Task<int> ControlsAsync(StoreServer server, string folder, IReadOnlyList<Sabotage> controls)
    {
        var unnoticed = 0;
        foreach (var (number, sabotage) in controls.Index())
        {
            await server.MakeDatabaseAsync();
            var plan = new RunPlan(
                Workload.Find(sabotage.Workload)!, [], 0, 2, 12, ControlOperations, 1, (ulong)number, Path.Combine(folder, sabotage.Name))
            {
                Sabotage = sabotage,
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
