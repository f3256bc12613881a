using System.Text.RegularExpressions;

namespace Inventory.LocalPostgres;

/// <summary>A folder with PostgreSQL's programs.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Version">The version, such as "17.6".</param>
internal sealed partial record PostgresPrograms(string Folder, string Version)
{
    public const int MajorMin = 15;
    public const int MajorMax = 18;

    private static readonly string[] Needed = ["initdb", "pg_ctl", "postgres"];

    public int Major => int.Parse(Version.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    public string this[string program] => Path.Combine(Folder, program + (OperatingSystem.IsWindows() ? ".exe" : ""));

    /// <summary>The folders of <c>PATH</c> and the usual ones of packages, newest version first.</summary>
    public static IReadOnlyList<string> UsualFolders() =>
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        .. Versions("/usr/lib/postgresql", "bin"),
        .. Versions("/usr", "bin", "pgsql-*"),
        .. Versions("/opt/homebrew/opt", "bin", "postgresql@*"),
        .. Versions("/usr/local/opt", "bin", "postgresql@*"),
        .. Versions(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "bin"),
    ];

    /// <summary>The first programs of a supported version; of that very major version when data of it is there already.</summary>
    public static async Task<PostgresPrograms?> FindAsync(
        IEnumerable<string> folders, int? majorOfData, CancellationToken cancellation)
    {
        foreach (var folder in folders)
        {
            if (await AtAsync(folder, cancellation) is { Major: >= MajorMin and <= MajorMax } programs
                && (majorOfData is null || programs.Major == majorOfData))
            {
                return programs;
            }
        }

        return null;
    }

    /// <summary>The programs in one folder, or null when one of them is missing or does not run.</summary>
    public static async Task<PostgresPrograms?> AtAsync(string folder, CancellationToken cancellation)
    {
        var programs = new PostgresPrograms(folder, "0");
        if (!Needed.All(program => File.Exists(programs[program])))
        {
            return null;
        }

        var run = await ProgramRun.StartAsync(programs["postgres"], ["--version"], cancellation);
        return run.Succeeded && VersionNumber().Match(run.Output) is { Success: true } match
            ? programs with { Version = match.Value }
            : null;
    }

    private static IEnumerable<string> Versions(string parent, string bin, string pattern = "*") =>
        Directory.Exists(parent)
            ? Directory.GetDirectories(parent, pattern)
                .OrderByDescending(folder => double.TryParse(
                    Digits().Match(Path.GetFileName(folder)).Value, System.Globalization.CultureInfo.InvariantCulture, out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, bin))
            : [];

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex VersionNumber();

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Digits();
}
