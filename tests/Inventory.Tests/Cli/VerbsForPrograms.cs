using System.Diagnostics;
using System.Text.Json.Nodes;
using Inventory.Tests.Hosting;
using Inventory.Tests.Processes;

namespace Inventory.Tests.Cli;

/// <summary>Verbs asked with <c>--json</c> print one document, and nothing else where a program reads it.</summary>
public sealed class VerbsForPrograms(DatabaseServer server)
{
    [Fact]
    public async Task Each_prints_one_document_and_tells_the_rest_beside_it()
    {
        var database = await server.CreateDatabaseAsync("test_json_verbs");
        var (stock, sales) = (await FileAsync("sku,name,quantity\nJ-1,Widget,5\n?,Widget,1\n"), await FileAsync("InvoiceNo,StockCode,Description,Quantity\n1,J-2,Gadget,2\n"));

        var imported = await RunAsync(database, "import", stock, "--json");
        Assert.Equal((1, 1, "3"), (imported["accepted"]!.GetValue<int>(), imported["refused"]!.GetValue<int>(), $"{imported["refusedLines"]![0]!["line"]}"));

        var seeded = await RunAsync(database, "seed", sales, "--json");
        Assert.Equal((1, "done", 0), (seeded["products"]!.GetValue<int>(), $"{seeded["import"]!["state"]}", seeded["differences"]!.AsArray().Count));

        var rebuilt = await RunAsync(database, "rebuild", "products", "--json");
        Assert.Equal(("products", 2), ($"{rebuilt["projection"]}", rebuilt["products"]!.GetValue<int>()));

        var verified = await RunAsync(database, "verify-store", "--json");
        Assert.Equal((2, 0), (verified["products"]!.GetValue<int>(), verified["differences"]!.AsArray().Count));

        var webhooks = await RunAsync(database, "webhooks", "list", "--json");
        Assert.Equal("""{"total":0,"deliveries":[]}""", webhooks.ToJsonString());

        Assert.NotNull((await RunAsync(database, "policies", "--json"))["commands"]);
    }

    [Theory]
    [InlineData("import", "/there/is/no/such.csv", "There is no file")]
    [InlineData("seed", "/there/is/no/such.csv", "There is no file")]
    [InlineData("rebuild", "nothing", "There is no projection")]
    public async Task What_cannot_be_done_ends_with_1_prints_no_document_and_says_why(string verb, string argument, string reason)
    {
        var (exitCode, output, told) = await EndAsync(await server.CreateDatabaseAsync($"test_json_{verb}"), verb, argument, "--json");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(reason, told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import")]
    [InlineData("openapi")]
    [InlineData("policies")]
    [InlineData("rebuild")]
    [InlineData("seed")]
    [InlineData("verify-store")]
    [InlineData("webhooks")]
    public async Task The_help_of_each_has_examples_and_says_how_it_ends(string verb)
    {
        var (exitCode, output, told) = await EndAsync("", "help", verb);

        Assert.True(exitCode == 0, output + told);
        Assert.Contains($"\n  {verb}", output[output.IndexOf("Examples", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Contains("Ends with 0", output, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> RunAsync(string database, params string[] arguments)
    {
        var (exitCode, output, told) = await EndAsync(database, arguments);
        Assert.True(exitCode == 0, $"{output}\n{told}");
        // Not a character before it.
        Assert.StartsWith("{", output, StringComparison.Ordinal);
        return JsonNode.Parse(output)!;
    }

    private static async Task<(int ExitCode, string Output, string Told)> EndAsync(string database, params string[] arguments)
    {
        using var process = new Process { StartInfo = ServiceProcess.Command(arguments) };
        process.StartInfo.Environment["ConnectionStrings__Inventory"] = database;
        process.Start();
        var told = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await told);
    }

    private static async Task<string> FileAsync(string text)
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
