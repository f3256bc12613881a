using Inventory.Slices.Cli.Import;
using Inventory.Slices.Hosting;
using JasperFx;
using JasperFx.CommandLine;
using Spectre.Console;

namespace Inventory.Slices.Cli.Seed;

/// <summary>What <c>seed</c> takes.</summary>
public sealed class SeedInput : NetCoreInput
{
    [Description("A CSV file of invoice lines with the columns InvoiceNo, StockCode, Description and Quantity")]
    public string File { get; set; } = "";

    [Description("Units each product receives beyond what the file sells, 0 to 1000000. Default is 100")]
    public int SpareFlag { get; set; } = 100;

    [Description("Print the result as JSON; everything else goes to the standard error output")]
    public bool JsonFlag { get; set; }
}

/// <summary>The verb that fills the store with real sales.</summary>
[Description("Receive the stock that a file of invoice lines sells, import the file, and check what is in the store", Name = "seed")]
public sealed class SeedCommand : JasperFxAsyncCommand<SeedInput>
{
    private const int ListedMax = 20;

    /// <summary>Describes its use.</summary>
    public SeedCommand() => Usage("Seed the store from a file").Arguments(x => x.File);

    /// <inheritdoc/>
    public override async Task<bool> Execute(SeedInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input is { SpareFlag: < 0 or > 1_000_000 })
        {
            AnsiConsole.MarkupLine("[red]--spare takes 0 to 1000000.[/]");
            return false;
        }

        try
        {
            var (file, lines) = await FileImport.OpenAsync(input.File);
            await using var open = file;
            using var host = input.BuildHost();
            await host.StartAsync();
            var run = new SeedRun(host.Services, file, lines, input.SpareFlag);
            await FileImport.Progress().StartAsync(async progress =>
            {
                // All of them are there from the start, so that one sees what is still to come.
                var receive = progress.AddTask("Receiving stock");
                var import = progress.AddTask("Selling and taking back");
                var compare = progress.AddTask("Reading every stream");
                await run.ReceiveAsync(receive);
                await run.ImportAsync(import);
                await run.CompareAsync(compare);
            });
            await host.StopAsync();
            if (input.JsonFlag)
            {
                await ProgramOutput.WriteAsync(new { run.Products, run.Import, run.Differences });
            }

            Summarise(run);
            return run.Differences.Count == 0;
        }
        catch (StartRefusedException e)
        {
            AnsiConsole.WriteLine(e.Message);
            return false;
        }
    }

    private static void Summarise(SeedRun run)
    {
        AnsiConsole.WriteLine($"Products  {run.Products}");
        FileImport.Summarise(run.Import!);
        AnsiConsole.WriteLine(run.Differences.Count == 0
            ? "Compared  every product's stream equals what the file says"
            : $"Compared  {run.Differences.Count} products DIFFER from what the file says:");
        foreach (var difference in run.Differences.Take(ListedMax))
        {
            AnsiConsole.WriteLine($"          {difference}");
        }
    }
}
