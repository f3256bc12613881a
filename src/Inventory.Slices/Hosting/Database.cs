using Inventory.LocalPostgres;

namespace Inventory.Slices.Hosting;

/// <summary>The PostgreSQL database this process works on.</summary>
public sealed class Database : IAsyncDisposable
{
    /// <summary>The name of the connection string.</summary>
    public const string ConnectionStringName = "Inventory";

    /// <summary>The setting for the folder of the private server's data.</summary>
    public const string DataFolderSetting = "LocalPostgres:DataFolder";

    /// <summary>The setting for the private server's preferred port.</summary>
    public const string PortSetting = "LocalPostgres:Port";

    /// <summary>Verbs that only look at the code. They work where there is no database, such as in an image's build.</summary>
    private static readonly string[] VerbsWithoutDatabase = ["help", "codegen", "describe", "openapi", "policies", "wolverine-diagnostics"];

    private readonly LocalPostgresServer? _privateServer;

    private Database(string connectionString, LocalPostgresServer? privateServer = null) =>
        (ConnectionString, _privateServer) = (connectionString, privateServer);

    /// <summary>How to connect to it.</summary>
    public string ConnectionString { get; }

    /// <summary>Whether there is one: a verb that only looks at the code runs without.</summary>
    public bool IsThere { get; private init; } = true;

    /// <summary>The configured database; when none is configured, one on a private server that is started for it.</summary>
    /// <exception cref="StartRefusedException">None is configured in production.</exception>
    /// <exception cref="LocalPostgresException">None is configured and a private server cannot be had.</exception>
    public static async Task<Database> OpenAsync(IConfiguration configuration, IHostEnvironment environment, string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (configuration.GetConnectionString(ConnectionStringName) is { Length: > 0 } configured)
        {
            return new Database(configured);
        }

        if (arguments is [var verb, ..] && VerbsWithoutDatabase.Contains(verb))
        {
            return new Database("Host=127.0.0.1;Port=1;Database=none;Username=none") { IsThere = false };
        }

        if (environment.IsProduction())
        {
            throw new StartRefusedException(
                "In production the database has to be named: set ConnectionStrings__Inventory=\"Host=…;Database=…;Username=…;Password=…\". "
                + "To try the service with a private database, set ASPNETCORE_ENVIRONMENT=Development.");
        }

        var server = await LocalPostgresServer.StartAsync(
            new LocalPostgresOptions
            {
                DataFolder = configuration[DataFolderSetting] ?? LocalPostgresOptions.DefaultDataFolder(),
                Port = configuration.GetValue<int?>(PortSetting),
                Report = Console.WriteLine,
            },
            CancellationToken.None);
        return new Database(server.ConnectionString, server);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_privateServer is not null)
        {
            await _privateServer.DisposeAsync();
        }
    }
}
