using JasperFx;
using Spectre.Console;

namespace Inventory.Slices.Cli;

/// <summary>The command line: a verb, or none to run the service.</summary>
internal static class Verbs
{
    /// <summary>Whether the arguments name a verb. Options alone (<c>--urls …</c>) belong to the service.</summary>
    public static bool Names(string[] args) => args is [var first, ..] && !first.StartsWith('-') || args is ["--help" or "-h" or "-?"];

    /// <summary>Runs the verb and gives the process's exit code.</summary>
    public static Task<int> RunAsync(WebApplication app, string[] args)
    {
        AnsiConsole.Console = new QuietConsole(AnsiConsole.Console);
        return app.RunJasperFxCommands(args[0].StartsWith('-') ? ["help"] : args);
    }
}
