using System.Diagnostics;
using System.Text;
using Inventory.Tests.Hosting;
using Inventory.Tests.Processes;
using Npgsql;

namespace Inventory.Tests.Cli;

public sealed class SeedVerb(DatabaseServer server)
{
    private const string File =
        """
        InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
        536365,85123A,WHITE HANGING HEART,6,12-01-2010 08:26,2.55,17850,United Kingdom
        536366,85123a,"WHITE ""HANGING"", HEART",4,12-01-2010 08:28,2.55,17850,United Kingdom
        C536379,85123A,WHITE HANGING HEART,-3,12-01-2010 09:41,2.55,17850,United Kingdom
        536367,71053,,2,12-01-2010 08:34,3.39,,United Kingdom
        536368,BANK CHARGES,Bank charges,1,12-01-2010 08:34,15,,United Kingdom
        536369,71053,METAL LANTERN,two,12-01-2010 08:35,3.39,,United Kingdom
        536370,71053,METAL LANTERN,0,12-01-2010 08:35,3.39,,United Kingdom
        """;

    [Fact]
    public async Task Every_product_ends_with_the_stock_the_file_says_and_refused_lines_are_listed()
    {
        var database = await server.CreateDatabaseAsync("test_seed_verb");

        var (exitCode, output) = await RunAsync(database, File, "--spare", "10");

        Assert.Equal(0, exitCode);
        Assert.Contains("Products  2", output, StringComparison.Ordinal);
        Assert.Contains("Accepted  4 lines", output, StringComparison.Ordinal);
        Assert.Contains("Refused   3 lines", output, StringComparison.Ordinal);
        Assert.Contains("line 6, BANK CHARGES: the SKU is not allowed", output, StringComparison.Ordinal);
        Assert.Contains("line 7, 71053: the quantity “two”", output, StringComparison.Ordinal);
        Assert.Contains("line 8, 71053: the quantity “0”", output, StringComparison.Ordinal);
        Assert.Contains("equals what the file says", output, StringComparison.Ordinal);
        // Received 6 + 4 + 10 spare, sold 10, took back 3; received 2 + 10 spare, sold 2.
        Assert.Equal(
            ["71053 71053 10", "85123A WHITE HANGING HEART 13"],
            await QueryAsync(database, "select data ->> 'sku' || ' ' || (data ->> 'name') || ' ' || (data ->> 'onHand') from inventory.mt_doc_product order by 1"));
        Assert.Equal(
            ["receipt 20", "return 3", "sale -4", "sale -6"],
            await QueryAsync(database,
                "select e.data ->> 'reason' || ' ' || (e.data ->> 'delta') from inventory.mt_events e join inventory.mt_doc_product p on p.id = e.stream_id "
                + "where p.data ->> 'sku' = '85123A' and e.type = 'stock_adjusted' order by 1"));
    }

    [Fact]
    public async Task A_file_of_another_form_is_refused_with_what_is_missing()
    {
        var (exitCode, output) = await RunAsync(await server.CreateDatabaseAsync("test_seed_refused"), "a,b\n1,2\n");

        Assert.Equal(1, exitCode);
        Assert.Contains("There is no column “a”.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string database, string file, params string[] options)
    {
        var path = Path.GetTempFileName();
        await System.IO.File.WriteAllTextAsync(path, file, Encoding.UTF8);
        using var process = new Process { StartInfo = ServiceProcess.Command(["seed", path, .. options]) };
        process.StartInfo.Environment["ConnectionStrings__Inventory"] = database;
        process.Start();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        System.IO.File.Delete(path);
        return (process.ExitCode, output);
    }

    private static async Task<List<string>> QueryAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}
