using System.Diagnostics;
using System.Text.Json;
using Inventory.Slices.Cli.Policies;
using Inventory.Slices.Hosting;
using Inventory.Slices.Insight;
using Inventory.Tests.Processes;
using Spectre.Console;

namespace Inventory.Tests.Cli;

public sealed class PoliciesVerb
{
    /// <summary>More events than fit into a line, some with long words.</summary>
    private static readonly string[] Events =
    [
        "ProductRenamed", "StockAdjusted", "StockCounted", "StockReserved", "ReservationCommitted", "ReservationReleased", "ReservationExpired",
        "ReorderPointSet", "ProductDiscontinued", "ProductReinstated",
    ];

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(200)]
    public void Every_cell_is_whole_at_any_width_and_needs_no_colour(int width)
    {
        var text = Written(width, new PolicyMatrix(Events, [new("CommitReservation", "Merge", false, false, Events[..3], Events[3..], "It is told.")]));

        var lines = text.Split('\n');
        Assert.All(lines, line => Assert.True(line.TrimEnd().Length <= width, line));
        var rows = lines.Where(line => line.Contains("CommitReservation", StringComparison.Ordinal) && line.Contains('│')).ToList();
        Assert.Equal(3, rows.Sum(row => Count(row, "clashes")));
        Assert.Equal(7, rows.Sum(row => Count(row, "–")));
        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain('…', text);
        Assert.Contains("It is told.", text, StringComparison.Ordinal);
        if (width == 200)
        {
            Assert.Single(rows);
        }
    }

    [Fact]
    public async Task As_json_it_is_what_the_endpoint_answers()
    {
        using var process = new Process { StartInfo = ServiceProcess.Command(["policies", "--json"]) };
        process.StartInfo.Environment["ConnectionStrings__Inventory"] = "";
        process.Start();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, output + await error);
        Assert.Equal(JsonSerializer.Serialize(PolicyMatrix.Current, HttpJson.Options), output.Trim());
    }

    private static string Written(int width, PolicyMatrix matrix)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = width;
        PolicyTable.Write(console, matrix);
        return writer.ToString();
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
