using System.Diagnostics;
using Inventory.LocalPostgres;
using Npgsql;

namespace Inventory.Verification.Running;

/// <summary>The PostgreSQL server of a run: a private one that may be crashed, or a given one that may not.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    private const string Database = "verification";

    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(60);

    // How long the server may take to see that one of its processes was killed.
    private static readonly TimeSpan UntilNoticed = TimeSpan.FromMilliseconds(500);

    private readonly string? _folder;
    private LocalPostgresServer? _private;

    private StoreServer(string? folder, LocalPostgresServer? server, string connectionString)
    {
        (_folder, _private) = (folder, server);
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { Database = Database, MaxPoolSize = 30 }.ConnectionString;
        Administration = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
    }

    /// <summary>How to connect to the run's database, without any proxy.</summary>
    public string ConnectionString { get; }

    /// <summary>Whether its processes may be killed.</summary>
    public bool IsPrivate => _private is not null;

    private string Administration { get; }

    /// <summary>Starts a private server in a folder, or takes the one that a connection string names, and makes an empty database.</summary>
    public static async Task<StoreServer> StartAsync(string folder, string? connectionString)
    {
        var started = connectionString is null ? await StartPrivateAsync(folder, null) : null;
        var server = new StoreServer(folder, started, started?.ConnectionString ?? connectionString!);
        await server.MakeDatabaseAsync();
        return server;
    }

    /// <summary>Makes the database anew, empty.</summary>
    public async Task MakeDatabaseAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync(Administration, $"drop database if exists {Database} with (force)");
        await ExecuteAsync(Administration, $"create database {Database}");
    }

    /// <summary>Ends the server at once, as in a crash, and starts it again on the same port.</summary>
    public async Task CrashAsync()
    {
        // SIGQUIT: PostgreSQL's immediate shutdown; what was committed is on the disk, and is recovered at the next start.
        var crashed = _private!;
        await Signals.SendAsync(crashed.ProcessId, "QUIT");
        while (Directory.Exists($"/proc/{crashed.ProcessId}"))
        {
            await Task.Delay(20);
        }

        await crashed.DisposeAsync();
        _private = await StartPrivateAsync(_folder!, crashed.Port);
        NpgsqlConnection.ClearAllPools();
        if (_private.Port != crashed.Port)
        {
            throw new InvalidOperationException($"Somebody took port {crashed.Port} while the server was down.");
        }
    }

    /// <summary>Kills one of the processes that serve the nodes; PostgreSQL then ends all others and recovers.</summary>
    public async Task KillBackEndAsync()
    {
        await using var connection = await OpenAsync(Administration);
        await using var command = new NpgsqlCommand($"select pid from pg_stat_activity where datname = '{Database}' and backend_type = 'client backend' order by random() limit 1", connection);
        if (await command.ExecuteScalarAsync() is int processId)
        {
            await connection.CloseAsync();
            await Signals.SendAsync(processId, "KILL");
            await Task.Delay(UntilNoticed);
            await using var again = await OpenAsync(Administration);
        }
    }

    /// <summary>Ends the nodes' connections from the server's side.</summary>
    public Task TerminateAsync() => ExecuteAsync(Administration, $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Database}' and pid <> pg_backend_pid()");

    /// <summary>Runs a statement in the run's database.</summary>
    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_private is not null)
        {
            await _private.DisposeAsync();
        }
    }

    /// <summary>Connects, without a pool; a server that recovers from a crash is given time.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            try
            {
                await connection.OpenAsync();
                return connection;
            }
            catch (NpgsqlException)
            {
                await connection.DisposeAsync();
                if (clock.Elapsed > RecoveryPatience)
                {
                    throw;
                }
            }
        }
    }

    private static Task<LocalPostgresServer> StartPrivateAsync(string folder, int? port) => LocalPostgresServer.StartAsync(
        new LocalPostgresOptions { DataFolder = folder, Database = "postgres", Port = port }, CancellationToken.None);

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = await OpenAsync(connectionString);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
