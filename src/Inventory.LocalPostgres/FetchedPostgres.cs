using MysticMind.PostgresEmbed;

namespace Inventory.LocalPostgres;

/// <summary>Fetches PostgreSQL where the machine has none.</summary>
internal static class FetchedPostgres
{
    /// <summary>What is fetched for new data.</summary>
    private const string PinnedVersion = "17.6.0";

    /// <summary>Fetches the programs, or finds them fetched by an earlier start.</summary>
    /// <param name="options">Where to put them, and where from.</param>
    /// <param name="majorOfData">The major version that data which is there already needs.</param>
    public static async Task<PostgresPrograms> FetchAsync(
        LocalPostgresOptions options, int? majorOfData, CancellationToken cancellation)
    {
        // Beside the data folder, not in it: the account the server runs under reads these, only it reads the data.
        var folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.DataFolder))!, "postgres-programs");
        if (await FindAsync(folder, majorOfData, cancellation) is { } fetchedBefore)
        {
            return fetchedBefore;
        }

        var version = majorOfData is { } major && !PinnedVersion.StartsWith($"{major}.", StringComparison.Ordinal)
            ? major.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : PinnedVersion;
        options.Report($"No PostgreSQL {PostgresPrograms.MajorMin} to {PostgresPrograms.MajorMax} was found on this machine. Fetching {version} into {folder}, once …");
        try
        {
            Directory.CreateDirectory(folder);
            var fetch = new PgServerOptions
            {
                PgVersion = version,
                BinariesDir = folder,
                DownloadRetryCount = 1,
                MavenRepo = options.Repository?.ToString() ?? new PgServerOptions { PgVersion = version }.MavenRepo,
            };

            // Only the fetching is used. Its servers run without fsync, and end with the process that started them.
            await using var server = new PgServer(fetch);
            await server.InstallAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Unobtainable(majorOfData, e);
        }

        return await FindAsync(folder, majorOfData, cancellation) ?? throw Unobtainable(majorOfData, null);
    }

    private static async Task<PostgresPrograms?> FindAsync(string folder, int? majorOfData, CancellationToken cancellation) =>
        Directory.Exists(folder)
            ? await PostgresPrograms.FindAsync(
                Directory.GetDirectories(folder, "bin", SearchOption.AllDirectories), majorOfData, cancellation)
            : null;

    private static LocalPostgresException Unobtainable(int? majorOfData, Exception? cause) => new(
        $"""
         There is no PostgreSQL {majorOfData?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? $"{PostgresPrograms.MajorMin} to {PostgresPrograms.MajorMax}"} on this machine, and it could not be fetched. There are three ways out:
           1. Name a server:     export ConnectionStrings__Inventory="Host=…;Database=…;Username=…;Password=…"
           2. Install one:       apt-get install postgresql, brew install postgresql@17, or the installer for Windows;
                                 its programs are enough, the service starts a private server with them.
           3. Go online:         the next start fetches PostgreSQL for you.
         """,
        cause);
}
