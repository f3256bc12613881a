using Inventory.Slices.Hosting;
using Inventory.Slices.Stock;
using JasperFx;
using JasperFx.CommandLine;
using Spectre.Console;

namespace Inventory.Slices.Cli.Import;

/// <summary>What <c>import</c> takes.</summary>
public sealed class ImportInput : NetCoreInput
{
    [Description("A CSV file with the columns sku, name, quantity, reason, reference, or of invoice lines")]
    public string File { get; set; } = "";

    [Description("Who imports it, as history will name them. Default is anonymous")]
    public string ActorFlag { get; set; } = Actors.Anonymous;

    [Description("The file is in windows-1252. Without it the file is UTF-8, or UTF-16 with a byte order mark")]
    public bool Windows1252Flag { get; set; }

    [Description("Print the result as JSON; everything else goes to the standard error output")]
    public bool JsonFlag { get; set; }
}

/// <summary>The verb that imports a file as <c>POST /imports</c> does.</summary>
[Description("Create or update products and receive stock from a CSV file; the same file again goes on where it was broken off", Name = "import")]
public sealed class ImportFileCommand : JasperFxAsyncCommand<ImportInput>
{
    /// <summary>Describes its use.</summary>
    public ImportFileCommand() => Usage("Import a file").Arguments(x => x.File);

    /// <inheritdoc/>
    public override async Task<bool> Execute(ImportInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!Actors.IsName(input.ActorFlag))
        {
            AnsiConsole.WriteLine($"--actor takes one name of 1 to {HttpLimits.ActorCharactersMax} visible ASCII characters.");
            return false;
        }

        try
        {
            var (file, lines) = await FileImport.OpenAsync(input.File, input.Windows1252Flag ? ImportFile.Windows1252 : null);
            await using var open = file;
            using var host = input.BuildHost();
            await host.StartAsync();
            ImportView? view = null;
            await FileImport.Progress().StartAsync(async progress =>
                view = await FileImport.RunAsync(host.Services, file, lines, input.ActorFlag, progress.AddTask("Importing")));
            await host.StopAsync();
            if (input.JsonFlag)
            {
                await ProgramOutput.WriteAsync(view);
            }

            AnsiConsole.WriteLine($"Import    {view!.Id}");
            FileImport.Summarise(view);
            return true;
        }
        catch (StartRefusedException e)
        {
            AnsiConsole.WriteLine(e.Message);
            return false;
        }
    }
}
