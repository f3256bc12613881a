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

    [Description("How many commands are under way at once, 1 to 256. Default is 32")]
    public int ParallelFlag { get; set; } = 32;

    [Description("Units each product receives beyond what the file sells, 0 to 1000000. Default is 100")]
    public int SpareFlag { get; set; } = 100;
}

/// <summary>The verb that fills the store with real sales.</summary>
[Description("Create the products of a file of invoice lines, receive their stock, then sell and take back line by line", Name = "seed")]
public sealed class SeedCommand : JasperFxAsyncCommand<SeedInput>
{
    private const int ListedMax = 20;

    /// <summary>Describes its use.</summary>
    public SeedCommand() => Usage("Seed the store from a file").Arguments(x => x.File);

    /// <inheritdoc/>
    public override async Task<bool> Execute(SeedInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input is { ParallelFlag: < 1 or > 256 } or { SpareFlag: < 0 or > 1_000_000 })
        {
            AnsiConsole.MarkupLine("[red]--parallel takes 1 to 256, --spare takes 0 to 1000000.[/]");
            return false;
        }

        RetailFile file;
        try
        {
            file = await RetailFile.ReadAsync(input.File);
        }
        catch (StartRefusedException e)
        {
            AnsiConsole.WriteLine(e.Message);
            return false;
        }

        using var host = input.BuildHost();
        await host.StartAsync();
        var run = new SeedRun(host.Services, file, input.ParallelFlag, input.SpareFlag);
        IReadOnlyList<string> differences = [];
        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                // All of them are there from the start, so that one sees what is still to come.
                var create = progress.AddTask("Creating products", maxValue: file.Products.Count);
                var receive = progress.AddTask("Receiving stock", maxValue: file.Products.Count);
                var sell = progress.AddTask("Selling and taking back", maxValue: file.Lines.Count);
                var compare = progress.AddTask("Folding every stream", maxValue: file.Products.Count);
                await run.CreateAsync(() => create.Increment(1));
                await run.ReceiveAsync(() => receive.Increment(1));
                await run.SellAsync(() => sell.Increment(1));
                differences = await run.CompareAsync(() => compare.Increment(1));
            });
        await host.StopAsync();

        Summarise(file, run, differences);
        return differences.Count == 0;
    }

    private static void Summarise(RetailFile file, SeedRun run, IReadOnlyList<string> differences)
    {
        AnsiConsole.WriteLine($"Products  {file.Products.Count}");
        AnsiConsole.WriteLine($"Accepted  {run.Accepted} lines");
        AnsiConsole.WriteLine($"Refused   {run.Refused.Count} lines");
        foreach (var line in run.Refused.Take(ListedMax))
        {
            AnsiConsole.WriteLine($"          line {line.Number}, {line.Sku}: {line.Reason}");
        }

        if (run.Refused.Count > ListedMax)
        {
            AnsiConsole.WriteLine($"          and {run.Refused.Count - ListedMax} more");
        }

        AnsiConsole.WriteLine(differences.Count == 0
            ? "Compared  the folded stock of every product equals what the file says"
            : $"Compared  {differences.Count} products DIFFER from what the file says:");
        foreach (var difference in differences.Take(ListedMax))
        {
            AnsiConsole.WriteLine($"          {difference}");
        }
    }
}
