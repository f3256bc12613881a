using System.Text.Json;
using Inventory.Slices.Hosting;

namespace Inventory.Slices.Cli;

/// <summary>
/// What a verb prints for a program: one document on the standard output, and nothing else there. Progress, logs and explanations go to the standard
/// error output then.
/// </summary>
internal static class ProgramOutput
{
    /// <summary>The verbs that do so when asked with <c>--json</c>.</summary>
    private static readonly string[] OwnVerbs = ["import", "policies", "rebuild", "seed", "verify-store", "webhooks"];

    /// <summary>Keeps the standard output free when the arguments ask for a document; to be called before anything is printed.</summary>
    public static void Reserve(string[] args)
    {
        if (args is [var verb, ..] && OwnVerbs.Contains(verb) && args.Any(argument => argument is "--json" or "-j"))
        {
            Console.SetOut(Console.Error);
        }
    }

    /// <summary>Prints the document.</summary>
    public static async Task WriteAsync<T>(T document)
    {
        await using var output = new StreamWriter(Console.OpenStandardOutput());
        await output.WriteLineAsync(JsonSerializer.Serialize(document, HttpJson.Options));
    }
}
