using System.Diagnostics;
using System.Globalization;
using Inventory.Verification.Checking;
using Inventory.Verification.Histories;

namespace Inventory.Verification;

/// <summary>The verbs of the command line.</summary>
internal static class Program
{
    private const string Help =
        """
        Checks what the service promises against recorded histories.

          check FOLDER              check a recorded run again, without the service and the database
          simulate FOLDER COUNT     write a history of so many operations that keeps every promise, to see how fast it is checked

        Ends with 0 when every promise was kept, 1 when one was broken, 3 when the run is incomplete and proves nothing.
        """;

    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["check", var folder]:
                return Check(folder);
            case ["simulate", var folder, var count] when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var operations) && operations > 0:
                return Simulate(folder, operations);
            default:
                Console.WriteLine(Help);
                return args is ["--help" or "-h" or "help"] ? 0 : 2;
        }
    }

    private static int Simulate(string folder, int operations)
    {
        Directory.CreateDirectory(folder);
        HistoryFolder.Write(folder, SimulatedRun.Of(1, operations, 100));
        return 0;
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
        Console.WriteLine(Reports.TextReport.Of(verdict));
        return Reports.TextReport.ExitCode(verdict);
    }
}
