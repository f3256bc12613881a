namespace Inventory.LocalPostgres;

/// <summary>Where a private PostgreSQL server keeps its data, and what it may be made of.</summary>
public sealed record LocalPostgresOptions
{
    /// <summary>
    /// The folder that holds the data, the password, the log and, if it had to be fetched, PostgreSQL itself. Default: see
    /// <see cref="DefaultDataFolder"/>.
    /// </summary>
    public string DataFolder { get; init; } = DefaultDataFolder();

    /// <summary>The preferred port, 1 to 65535; when it is taken another free one is used. Default: any free one.</summary>
    public int? Port { get; init; }

    /// <summary>The database to connect to; made when it is missing. Lower-case letters, digits and underscores.</summary>
    public string Database { get; init; } = "inventory";

    /// <summary>
    /// The folders to look for PostgreSQL's programs in, in order. Default: those of <c>PATH</c>, then the usual ones of
    /// Linux packages, Homebrew and Windows.
    /// </summary>
    public IReadOnlyList<string> ProgramFolders { get; init; } = PostgresPrograms.UsualFolders();

    /// <summary>The Maven repository to fetch PostgreSQL from when no programs are found. Default: the fetching library's own.</summary>
    public Uri? Repository { get; init; }

    /// <summary>Takes lines for people: progress, and where the server is. Default: nobody is told.</summary>
    public Action<string> Report { get; init; } = static _ => { };

    /// <summary>
    /// <c>inventory-slices/postgres</c> below the user's application-data folder. For root it lies below
    /// <c>/var/lib</c>: PostgreSQL refuses to run as root, and the account it runs under instead cannot enter root's home.
    /// </summary>
    public static string DefaultDataFolder() => Path.Combine(
        ServerAccount.IsRoot
            ? "/var/lib"
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
        "inventory-slices",
        "postgres");
}
