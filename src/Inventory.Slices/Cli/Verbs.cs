using JasperFx;
using Spectre.Console;
using Wolverine;

namespace Inventory.Slices.Cli;

/// <summary>The command line: a verb, or none to run the service.</summary>
internal static class Verbs
{
    private const string Introduction =
        """
        Inventory.Slices: an inventory service in which write conflicts are answered, not lost.

          dotnet run --project src/Inventory.Slices                        run the service on http://127.0.0.1:5080
          dotnet run --project src/Inventory.Slices -- --urls http://…     run it elsewhere (loopback)
          dotnet run --project src/Inventory.Slices -- import stock.csv    create products and receive stock, also while it runs
          dotnet run --project src/Inventory.Slices -- seed sales.csv      fill it with sales
          dotnet run --project src/Inventory.Slices -- policies            which command clashes with which change
          dotnet run --project src/Inventory.Slices -- webhooks list       deliveries that were given up; webhooks replay makes them again
          dotnet run --project src/Inventory.Slices -- verify-store        compare every projected row with the events; rebuild writes them again
          dotnet run --project src/Inventory.Slices -- help seed           what a verb takes

        Settings come from appsettings.json, the environment (ConnectionStrings__Inventory) and options (--Section:Name value).
        Without a connection string the service starts a PostgreSQL of its own and keeps its data.
        """;

    /// <summary>Whether the arguments name a verb. Options alone (<c>--urls …</c>) belong to the service.</summary>
    public static bool Names(string[] args) => args is [var first, ..] && !first.StartsWith('-') || args is ["--help" or "-h" or "-?"];

    /// <summary>
    /// Sets the process up beside a service that may be running: it listens on a port of its own, and takes no share of
    /// the background work, which a short life would only disturb.
    /// </summary>
    public static void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Configuration["Logging:LogLevel:Default"] = "Warning";
        builder.Services.ConfigureWolverine(options => options.Durability.Mode = DurabilityMode.Serverless);
    }

    /// <summary>Runs the verb and gives the process's exit code.</summary>
    public static Task<int> RunAsync(WebApplication app, string[] args)
    {
        if (args[0].StartsWith('-'))
        {
            args = ["help"];
        }

        AnsiConsole.Console = new QuietConsole(AnsiConsole.Console);
        if (args is ["help"])
        {
            AnsiConsole.WriteLine(Introduction);
        }

        return app.RunJasperFxCommands(args);
    }
}
