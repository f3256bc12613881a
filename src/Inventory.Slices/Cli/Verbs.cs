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
          dotnet run --project src/Inventory.Slices -- openapi             the OpenAPI document
          dotnet run --project src/Inventory.Slices -- help seed           what a verb takes, with examples

        Each of these ends with 0 when it did what it is for, and with 1 when it did not, or when verify-store or seed found a difference.
        With --json they print one JSON document, and everything else to the standard error output.

        Settings come from appsettings.json, the environment (ConnectionStrings__Inventory) and options (--Section:Name value).
        Without a connection string the service starts a PostgreSQL of its own and keeps its data.
        """;

    /// <summary>How each verb is called.</summary>
    private static readonly Dictionary<string, string> Examples = new()
    {
        ["import"] =
            """
              import stock.csv --actor ann                  create products and receive stock; the same again goes on where it was broken off
              import stock.csv --json | jq .refusedLines    what was refused, for a program

            Ends with 0 when every line was read, also when some were refused; with 1 when the file could not be imported.
            """,
        ["openapi"] =
            """
              openapi > openapi.json    the document of /openapi/v1.json, without a running service

            Ends with 0.
            """,
        ["policies"] =
            """
              policies                                                      a table
              policies --json | jq '.commands[] | {name, clashesWith}'      for a program

            Ends with 0.
            """,
        ["rebuild"] =
            """
              rebuild products     the catalogue and low stock
              rebuild movements    what moved, day by day

            Ends with 0 when every row was written, with 1 when there is no such projection or it was broken off.
            """,
        ["seed"] =
            """
              seed online-retail.csv --spare 10    receive what the file sells and 10 units more of each product, then sell it

            Ends with 0 when every product's stream says what the file says, with 1 when one differs or the file could not be imported.
            """,
        ["verify-store"] =
            """
              verify-store                                compare, beside the running service
              verify-store --json | jq .differences       what differs, for a program

            Ends with 0 when every row says what the events say, with 1 when one differs.
            """,
        ["webhooks"] =
            """
              webhooks list                        what could not be delivered, and why
              webhooks replay                      deliver all of it again
              webhooks replay --id 019c2a5e-…      deliver one again

            Ends with 0, also when there is nothing to list or to deliver.
            """,
    };

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
    public static async Task<int> RunAsync(WebApplication app, string[] args)
    {
        if (args[0].StartsWith('-'))
        {
            args = ["help"];
        }

        AnsiConsole.Console = new QuietConsole(AnsiConsole.Console);
        // Past the console that breaks lines to the width of a terminal: commands are there to be copied.
        if (args is ["help"])
        {
            await Console.Out.WriteLineAsync(Introduction);
        }

        var exitCode = await app.RunJasperFxCommands(args);
        if (args is ["help", var verb] && Examples.TryGetValue(verb, out var examples))
        {
            await Console.Out.WriteLineAsync($"Examples, each after “dotnet run -v q --project src/Inventory.Slices --” (dotnet itself prints a line without -v q):\n\n{examples}");
            return 0;
        }

        return exitCode;
    }
}
