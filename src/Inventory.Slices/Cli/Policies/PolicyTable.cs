using System.Text.RegularExpressions;
using Inventory.Slices.Insight;
using Spectre.Console;

namespace Inventory.Slices.Cli.Policies;

/// <summary>
/// The matrix for a terminal: commands as rows, events as columns. When the events do not fit side by side, further
/// tables continue with the rest of them, because a cell that is cut off or broken in two cannot be read.
/// </summary>
public static partial class PolicyTable
{
    private const string Clashes = "clashes";
    private const string Compatible = "–";

    /// <summary>What a column takes beyond its text: a space at either side, and a rule.</summary>
    private const int Frame = 3;

    /// <summary>Writes the tables and, below, what the callers of each kind of command get.</summary>
    public static void Write(IAnsiConsole console, PolicyMatrix matrix)
    {
        foreach (var events in SideBySide(matrix, console.Profile.Width))
        {
            console.Write(Table(matrix.Commands, events));
        }

        console.WriteLine($"{Clashes}  the event stands against the command when its sender has not seen it");
        console.WriteLine($"{Compatible,-7}  it does not matter to the command");
        foreach (var alike in matrix.Commands.GroupBy(row => (row.Policy, row.Answer)))
        {
            console.WriteLine();
            console.WriteLine($"{alike.Key.Policy}: {string.Join(", ", alike.Select(row => row.Name))}");
            console.WriteLine(alike.Key.Answer);
        }
    }

    private static Table Table(IReadOnlyList<PolicyRow> commands, string[] events)
    {
        var table = new Table().MinimalBorder();
        foreach (var title in (string[])["Command", "Policy", .. events.Select(Title)])
        {
            table.AddColumn(new TableColumn(new Text(title)).NoWrap());
        }

        foreach (var row in commands)
        {
            table.AddRow([
                new Text(row.Name), new Text(row.Policy),
                .. events.Select(e => row.ClashesWith.Contains(e) ? new Text(Clashes, new Style(Color.Red)) : new Text(Compatible))]);
        }

        return table;
    }

    /// <summary>The events in groups whose tables are no wider than the terminal; one event at least in each.</summary>
    private static IEnumerable<string[]> SideBySide(PolicyMatrix matrix, int width)
    {
        var rowTitles = Width("Command", matrix.Commands.Select(row => row.Name)) + Width("Policy", matrix.Commands.Select(row => row.Policy)) + 1;
        var group = new List<string>();
        var used = rowTitles;
        foreach (var e in matrix.Events)
        {
            var taken = Width(Clashes, Title(e).Split('\n'));
            if (group.Count > 0 && used + taken > width)
            {
                yield return [.. group];
                group.Clear();
                used = rowTitles;
            }

            group.Add(e);
            used += taken;
        }

        yield return [.. group];
    }

    private static int Width(string first, IEnumerable<string> others) => others.Prepend(first).Max(text => text.Length) + Frame;

    /// <summary>One word a line, so that a column is as narrow as its longest word.</summary>
    private static string Title(string eventName) => WordStart().Replace(eventName, "\n");

    [GeneratedRegex(@"(?<=[a-z])(?=[A-Z])")]
    private static partial Regex WordStart();
}
