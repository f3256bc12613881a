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
    // A history in memory, with what a check makes of it, takes about so many bytes for each one in its files.
    private const int MemoryPerByte = 5;

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

    /// <summary>Nearly all that is read is needed until there is a verdict; the garbage collector would only copy it, for a third of the time.</summary>
    private static void KeepWhatIsRead(string folder)
    {
        var bytes = Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length) : 0;
        var kept = Math.Min(MemoryPerByte * bytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);
        if (kept > 0)
        {
            GC.TryStartNoGCRegion(kept);
        }
    }

    private static int Check(string folder)
    {
        var clock = Stopwatch.StartNew();
        KeepWhatIsRead(folder);
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
