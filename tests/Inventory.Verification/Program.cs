using System.Diagnostics;
using System.Globalization;
using Inventory.Verification.Checking;
using Inventory.Verification.Histories;
using Inventory.Verification.Reports;
using Inventory.Verification.Running;

namespace Inventory.Verification;

/// <summary>The verbs of the command line.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            switch (args)
            {
                case ["run", .. var options]:
                    return await Verbs.RunAsync(RunOptions.Read(options));
                case ["record", .. var options]:
                    return await Verbs.RecordAsync(RunOptions.Read(options));
                case ["control", .. var names]:
                    return await Verbs.ControlAsync(names);
                case ["demand", .. var options]:
                    return await Verbs.OnDemandAsync(RunOptions.Read(options));
                case ["ci", .. var options]:
                    return await Verbs.ContinuousAsync(RunOptions.Read(options));
                case ["check", var folder]:
                    return Check(folder);
                case ["simulate", var folder, var count] when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var operations) && operations > 0:
                    HistoryFolder.Write(Directory.CreateDirectory(folder).FullName, SimulatedRun.Of(1, operations, 100));
                    return 0;
                default:
                    Console.WriteLine(RunOptions.Help);
                    return args is ["--help" or "-h" or "help"] ? 0 : 2;
            }
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static int Check(string folder)
    {
        var clock = Stopwatch.StartNew();
        if (HistoryFolder.Read(folder) is not { } history)
        {
            Console.WriteLine($"{folder} holds no finished run: run.json is missing.");
            return 3;
        }

        var read = clock.Elapsed;
        var verdict = Checker.Check(history);
        Console.WriteLine($"read in {read.TotalSeconds:0.0} s, checked in {(clock.Elapsed - read).TotalSeconds:0.0} s");
        Console.WriteLine(TextReport.Of(verdict));
        return TextReport.ExitCode(verdict);
    }
}
