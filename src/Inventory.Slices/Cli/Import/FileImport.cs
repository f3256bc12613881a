using System.Text;
using Inventory.Slices.Hosting;
using Inventory.Slices.Stock;
using Spectre.Console;

namespace Inventory.Slices.Cli.Import;

/// <summary>Imports a file of this machine, with a progress bar.</summary>
internal static class FileImport
{
    private const int ListedMax = 20;

    /// <summary>Looks a file over.</summary>
    /// <exception cref="StartRefusedException">It is not there, or cannot be read as what it is.</exception>
    public static async Task<(ImportFile File, int Lines)> OpenAsync(string path, Encoding? encoding = null)
    {
        if (!File.Exists(path))
        {
            throw new StartRefusedException($"There is no file {Path.GetFullPath(path)}.");
        }

        var file = await ImportFile.OpenAsync(path, encoding, CancellationToken.None);
        var (lines, fault) = await file.CheckAsync(CancellationToken.None);
        if (fault is null)
        {
            return (file, lines);
        }

        await file.DisposeAsync();
        throw new StartRefusedException($"{path}, line {fault.Line}: {fault.Detail}");
    }

    /// <summary>Carries it out, and gives the import as it then is.</summary>
    /// <param name="services">The running host's services.</param>
    /// <param name="file">The file.</param>
    /// <param name="lines">How many lines it has.</param>
    /// <param name="actor">Who imports it.</param>
    /// <param name="bar">The bar that shows how far it is.</param>
    /// <exception cref="StartRefusedException">It cannot be done now.</exception>
    public static async Task<ImportView> RunAsync(IServiceProvider services, ImportFile file, int lines, string actor, ProgressTask bar)
    {
        var imports = services.GetRequiredService<Imports>();
        var id = ImportLedger.IdOf(actor, file.Sha256);
        bar.MaxValue = Math.Max(lines, 1);
        var ending = await imports.BeginAsync(actor, file, lines, more => bar.Increment(more), CancellationToken.None)
            ?? throw new StartRefusedException($"This file is being imported already; GET /imports/{id} tells how far it is.");
        if (await ending is { } interruption)
        {
            throw new StartRefusedException($"The import was broken off: {interruption} Run the same again: it goes on from there, and no line takes effect twice.");
        }

        bar.Value = bar.MaxValue;
        return (await imports.FindAsync(id, CancellationToken.None))!;
    }

    /// <summary>A progress display.</summary>
    public static Progress Progress() => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());

    /// <summary>Tells how the lines ended.</summary>
    public static void Summarise(ImportView view)
    {
        AnsiConsole.WriteLine($"Accepted  {view.Accepted} lines");
        AnsiConsole.WriteLine($"Refused   {view.Refused} lines");
        foreach (var line in view.RefusedLines.Take(ListedMax))
        {
            AnsiConsole.WriteLine($"          line {line.Line}, {line.Sku}: {line.Reason}");
        }

        if (view.Refused > ListedMax)
        {
            AnsiConsole.WriteLine($"          and {view.Refused - ListedMax} more: GET /imports/{view.Id}");
        }
    }
}
