using System.Diagnostics;
using System.Net.Sockets;
using Npgsql;

namespace Inventory.LocalPostgres;

/// <summary>
/// A PostgreSQL server for the processes of one data folder, with durable settings, on loopback. Its data is there again at
/// the next start.
/// </summary>
/// <remarks>
/// There is never a second server on the same data. A process that finds one running uses it: after a killed parent that is a
/// take-over, beside a living one they share it. The last one to leave stops it.
/// </remarks>
public sealed class LocalPostgresServer : IAsyncDisposable
{
    private const string Superuser = "postgres";
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnswerInterval = TimeSpan.FromMilliseconds(100);

    private readonly ClusterFolder _folder;
    private readonly Cluster _cluster;
    private IDisposable? _use;

    private LocalPostgresServer(ClusterFolder folder, Cluster cluster, IDisposable use, int port, int processId, string database)
    {
        (_folder, _cluster, _use, Port, ProcessId) = (folder, cluster, use, port, processId);
        ConnectionString = ConnectTo(database);
    }

    /// <summary>How to connect to the database that was asked for.</summary>
    public string ConnectionString { get; }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The server's process.</summary>
    public int ProcessId { get; }

    /// <summary>Starts the server, or uses the one that runs on this data already.</summary>
    /// <exception cref="LocalPostgresException">It cannot be had; the message says what to do.</exception>
    public static async Task<LocalPostgresServer> StartAsync(LocalPostgresOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folder = new ClusterFolder(options.DataFolder);
        await ServerAccount.OwnAsync(folder.Path, cancellation);
        using var starting = await folder.LockForStartAsync(cancellation);

        var majorOfData = folder.MajorOfData;
        var programs = await PostgresPrograms.FindAsync(options.ProgramFolders, majorOfData, cancellation)
            ?? await FetchedPostgres.FetchAsync(options, majorOfData, cancellation);
        var cluster = new Cluster(folder, programs);
        if (majorOfData is null)
        {
            await cluster.MakeAsync(Superuser, cancellation);
        }

        var unused = folder.IsUnused();
        var found = folder.RunningServer();
        var (processId, port) = found ?? await cluster.StartAsync(options.Port, cancellation);
        var server = new LocalPostgresServer(folder, cluster, folder.LockAsUser(), port, processId, options.Database);
        try
        {
            await server.MakeDatabaseAsync(options.Database, cancellation);
            await server.DemandDurabilityAsync(options.Database, cancellation);
        }
        catch (Exception e)
        {
            // A server that was found running is somebody's: leaving it running is the lesser evil.
            await server.LeaveAsync(stop: found is null);
            throw e switch
            {
                PostgresException { SqlState: PostgresErrorCodes.InvalidPassword } => new LocalPostgresException(
                    $"The server on {folder.Data} (process {processId}, port {port}) does not take the password in {folder.PasswordFile}. "
                    + "Put the right one there, or stop that server and move the folder away.", e),
                NpgsqlException or SocketException => new LocalPostgresException(
                    $"The server on {folder.Data} runs as process {processId} on port {port} and does not answer. "
                    + $"Look into {folder.Log}; end that process and start again.", e),
                _ => e,
            };
        }

        var how = (found, unused) switch
        {
            (null, _) when options.Port is { } wanted && wanted != port => $"was started (port {wanted} is taken)",
            (null, _) => "was started",
            (_, true) => "was left running and is taken over",
            _ => "is shared with another process of this data folder",
        };
        options.Report($"PostgreSQL {programs.Version} {how}: 127.0.0.1:{port}, data in {folder.Path}");
        return server;
    }

    /// <summary>Leaves the server, and stops it if nobody else uses it.</summary>
    public async ValueTask DisposeAsync()
    {
        using var stopping = await _folder.LockForStartAsync(CancellationToken.None);
        await LeaveAsync(stop: true);
    }

    /// <summary>Leaves the server; the caller holds the lock for starting and stopping.</summary>
    private async Task LeaveAsync(bool stop)
    {
        if (Interlocked.Exchange(ref _use, null) is not { } use)
        {
            return;
        }

        use.Dispose();
        if (stop && _folder.IsUnused() && _folder.RunningServer() is not null)
        {
            await _cluster.StopAsync();
        }
    }

    private async Task MakeDatabaseAsync(string database, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(Superuser, cancellation);
        await using var look = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection);
        look.Parameters.Add(new NpgsqlParameter { Value = database });
        if (await look.ExecuteScalarAsync(cancellation) is null)
        {
            await using var create = new NpgsqlCommand($"create database \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
            await create.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>
    /// A server that was found running was started by somebody, perhaps by hand, and settings may be those of the role or of the
    /// database, so they are asked for in the very database that is used.
    /// </summary>
    private async Task DemandDurabilityAsync(string database, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(database, cancellation);
        await using var look = new NpgsqlCommand(
            "select string_agg(name, ', ') from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting <> 'on'",
            connection);
        if (await look.ExecuteScalarAsync(cancellation) is string unsafeSettings)
        {
            throw new LocalPostgresException(
                $"The server that runs on {_folder.Data} has {unsafeSettings} off and could lose what it acknowledged. Stop it and start again.");
        }
    }

    /// <summary>Connects; a server that is starting, recovering or just going down is given time.</summary>
    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var connection = new NpgsqlConnection(ConnectTo(database, pooling: false));
            try
            {
                await connection.OpenAsync(cancellation);
                return connection;
            }
            catch (Exception e)
            {
                await connection.DisposeAsync();
                if (waited.Elapsed > AnswerPatience || e is not PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow })
                {
                    throw;
                }
            }

            await Task.Delay(AnswerInterval, cancellation);
        }
    }

    private string ConnectTo(string database, bool pooling = true) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = Superuser,
        Password = _folder.Password,
        Database = database,
        Pooling = pooling,
    }.ConnectionString;
}
