using System.Globalization;

namespace Inventory.Benchmarks;

/// <summary>How long and how much is measured.</summary>
/// <param name="Seconds">Seconds per measure. Default 6.</param>
/// <param name="WarmUpSeconds">Seconds before each measure of a service. Default 4.</param>
/// <param name="Rounds">How often everything is measured, one peer after the other. Default 3.</param>
/// <param name="StreamEvents">Events of the long stream. Default 1,000,000.</param>
/// <param name="StoreEvents">Events of the big store. Default 10,000,000.</param>
/// <param name="ImportLines">Lines of the file to import. Default 540,000.</param>
/// <param name="Sales">A file of invoice lines to make that of; without one imports are not measured.</param>
internal sealed record BenchmarkOptions(int Seconds, int WarmUpSeconds, int Rounds, int StreamEvents, long StoreEvents, int ImportLines, string? Sales = null)
{
    /// <summary>What <c>--help</c> prints.</summary>
    public const string Help =
        """
        Measures the service against plain SQL and the usual ways to resolve conflicts, and writes docs/benchmarks.md.

          dotnet run -c Release --project tests/Inventory.Benchmarks                   everything, about 20 minutes
          dotnet run -c Release --project tests/Inventory.Benchmarks -- --quick        a look, about 4 minutes; writes nothing
          dotnet run -c Release --project tests/Inventory.Benchmarks -- --rounds 2     everything, so many rounds (default 3)

        --sales FILE at the end: measures imports too, with the file's lines repeated to 540,000. A CSV file with the columns InvoiceNo,
        StockCode, Description and Quantity in this order, such as the Online Retail data set of the UCI Machine Learning Repository.

        PostgreSQL: the one that ConnectionStrings__Inventory names, else a private one with durable settings. pgbench has to
        be on the PATH.
        """;

    /// <summary>Whether the figures are good enough to be written down.</summary>
    public bool Writes => Rounds > 1;

    /// <summary>Reads the command line; null when it is not understood.</summary>
    public static BenchmarkOptions? Read(string[] args)
    {
        var sales = args is [.., "--sales", var path] ? path : null;
        var options = (sales is null ? args : args[..^2]) switch
        {
            [] => new BenchmarkOptions(6, 4, 3, 1_000_000, 10_000_000, 540_000),
            ["--quick"] => new BenchmarkOptions(2, 2, 1, 100_000, 200_000, 20_000),
            ["--rounds", var rounds] when int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 =>
                new BenchmarkOptions(6, 4, count, 1_000_000, 10_000_000, 540_000),
            _ => null,
        };
        if (options is null || (sales is not null && !File.Exists(sales)))
        {
            Console.Error.WriteLine(options is null ? Help : $"There is no file {sales}.");
            return null;
        }

        return options with { Sales = sales };
    }
}
