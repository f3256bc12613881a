using System.Diagnostics;
using Inventory.Tests.Hosting;
using Inventory.Tests.Processes;
using Npgsql;

namespace Inventory.Tests.Cli;

public sealed class ImportVerb(DatabaseServer server)
{
    [Fact]
    public async Task A_file_is_imported_once_and_its_refused_lines_are_listed()
    {
        var database = await server.CreateDatabaseAsync("test_import_verb");
        const string File = "sku,name,quantity\nV-1,Widget,5\n?,Widget,1\nV-1,Gadget,2\n";

        var (exitCode, output) = await RunAsync(database, File, "--actor", "ann");
        var (again, outputAgain) = await RunAsync(database, File, "--actor", "ann");

        Assert.Equal((0, 0), (exitCode, again));
        Assert.Contains("Accepted  2 lines", output, StringComparison.Ordinal);
        Assert.Contains("line 3, ?: sku: takes", output, StringComparison.Ordinal);
        Assert.Equal(output[output.IndexOf("Import ", StringComparison.Ordinal)..], outputAgain[outputAgain.IndexOf("Import ", StringComparison.Ordinal)..]);
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(
            "select string_agg(p.data ->> 'name' || ' ' || (p.data ->> 'onHand') || ' ' || e.user_name || ' ' || e.type, ', ' order by e.version) from inventory.mt_doc_product p join inventory.mt_events e on e.stream_id = p.id",
            connection);
        Assert.Equal(
            "Gadget 7 ann product_created, Gadget 7 ann stock_adjusted, Gadget 7 ann product_renamed, Gadget 7 ann stock_adjusted",
            await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("sku;name\nV-1;Widget\n", "There is no column “sku;name”.")]
    [InlineData("sku,name\nV-1,\"Widget\n", "line 2: The line is not CSV")]
    public async Task A_file_that_cannot_be_meant_is_refused_with_the_line(string file, string told)
    {
        var (exitCode, output) = await RunAsync(await server.CreateDatabaseAsync("test_import_refused"), file);

        Assert.Equal(1, exitCode);
        Assert.Contains(told, output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string database, string file, params string[] options)
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, file);
        using var process = new Process { StartInfo = ServiceProcess.Command(["import", path, .. options]) };
        process.StartInfo.Environment["ConnectionStrings__Inventory"] = database;
        process.Start();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        File.Delete(path);
        return (process.ExitCode, output);
    }
}
