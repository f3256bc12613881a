using System.Globalization;
using System.Net;
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
    private const int StartAttemptsMax = 3;

    private readonly ClusterFolder _folder;
    private readonly PostgresPrograms _programs;
    private IDisposable? _use;

    private LocalPostgresServer(ClusterFolder folder, PostgresPrograms programs, IDisposable use, int port, int processId, string database)
    {
        (_folder, _programs, _use, Port, ProcessId) = (folder, programs, use, port, processId);
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
        if (majorOfData is null)
        {
            await MakeClusterAsync(folder, programs, cancellation);
        }

        var unused = folder.IsUnused();
        var found = folder.RunningServer();
        var (processId, port) = found ?? await StartServerAsync(folder, programs, options.Port, cancellation);
        var server = new LocalPostgresServer(folder, programs, folder.LockAsUser(), port, processId, options.Database);
        try
        {
            await server.MakeDatabaseAsync(options.Database, cancellation);
            await server.DemandDurabilityAsync(cancellation);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException)
        {
            await server.LeaveAsync();
            throw new LocalPostgresException(
                $"The server on {folder.Data} runs as process {processId} on port {port} and does not answer. "
                + $"Look into {folder.Log}; end that process and start again.", e);
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
        await LeaveAsync();
    }

    /// <summary>Leaves the server; the caller holds the lock for starting and stopping.</summary>
    private async Task LeaveAsync()
    {
        if (Interlocked.Exchange(ref _use, null) is not { } use)
        {
            return;
        }

        use.Dispose();
        if (_folder.IsUnused() && _folder.RunningServer() is not null)
        {
            var stop = await ServerAccount.RunAsync(
                _programs["pg_ctl"], ["stop", "-D", _folder.Data, "-m", "fast", "-w"], CancellationToken.None);
            stop.ThrowIfFailed();
        }
    }

    private static async Task MakeClusterAsync(ClusterFolder folder, PostgresPrograms programs, CancellationToken cancellation)
    {
        if (Directory.Exists(folder.NewData))
        {
            Directory.Delete(folder.NewData, recursive: true); // An earlier attempt was killed.
        }

        folder.MakePassword();
        // initdb runs under the server's account, which must read the password once.
        var once = folder.PasswordFile + ".once";
        File.Copy(folder.PasswordFile, once, overwrite: true);
        if (ServerAccount.IsRoot)
        {
            await ProgramRun.CheckedAsync("chown", ["--reference", folder.Path, once], cancellation);
        }

        try
        {
            var initdb = await ServerAccount.RunAsync(
                programs["initdb"],
                [
                    "-D", folder.NewData, "-U", Superuser, "--pwfile", once, "--auth=scram-sha-256", "--encoding=UTF8",
                    OperatingSystem.IsLinux() ? "--locale=C.UTF-8" : "--locale=C",
                ],
                cancellation);
            initdb.ThrowIfFailed();
        }
        finally
        {
            File.Delete(once);
        }

        Directory.Move(folder.NewData, folder.Data);
    }

    private static async Task<(int ProcessId, int Port)> StartServerAsync(
        ClusterFolder folder, PostgresPrograms programs, int? preferredPort, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = preferredPort is { } preferred && attempt == 1 && IsFree(preferred) ? preferred : FreePort();
            string[] settings =
            [
                "listen_addresses=127.0.0.1", $"port={port.ToString(CultureInfo.InvariantCulture)}",
                // Its usual folder belongs to a packaged server, and its path may be too long here.
                "unix_socket_directories=",
                // An acknowledged change survives a crash. These are the defaults; they are named so that nobody's
                // configuration can take them away.
                "fsync=on", "synchronous_commit=on", "full_page_writes=on",
                // Two nodes and a tool beside them, each with a pool of up to 100 connections.
                "max_connections=300",
            ];

            // pg_ctl gives the server a session of its own, so Ctrl-C in the terminal ends the service and not the server
            // under it. -l keeps the server from inheriting this program's pipes.
            var start = await ServerAccount.RunAsync(
                programs["pg_ctl"],
                ["start", "-D", folder.Data, "-l", folder.Log, "-w", "-s", "-o", string.Join(' ', settings.Select(s => $"-c {Quoted(s)}"))],
                cancellation);
            if (start.Succeeded && folder.RunningServer() is { } running)
            {
                return running;
            }

            // Somebody may have taken the port between the look and the start.
            if (attempt == StartAttemptsMax)
            {
                throw new LocalPostgresException(
                    $"""
                     PostgreSQL {programs.Version} does not start on {folder.Data}. {start.Output}
                     The last lines of {folder.Log}:
                     {LastLines(folder.Log)}
                     """);
            }
        }
    }

    private async Task MakeDatabaseAsync(string database, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(ConnectTo(Superuser, pooling: false));
        await connection.OpenAsync(cancellation);
        await using var look = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection);
        look.Parameters.Add(new NpgsqlParameter { Value = database });
        if (await look.ExecuteScalarAsync(cancellation) is null)
        {
            await using var create = new NpgsqlCommand($"create database \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
            await create.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>A server that was found running was started by somebody, perhaps by hand.</summary>
    private async Task DemandDurabilityAsync(CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(ConnectTo(Superuser, pooling: false));
        await connection.OpenAsync(cancellation);
        await using var look = new NpgsqlCommand(
            "select string_agg(name, ', ') from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting <> 'on'",
            connection);
        if (await look.ExecuteScalarAsync(cancellation) is string unsafeSettings)
        {
            await LeaveAsync();
            throw new LocalPostgresException(
                $"The server that runs on {_folder.Data} has {unsafeSettings} off and could lose what it acknowledged. Stop it and start again.");
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

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Quoted(string setting) => OperatingSystem.IsWindows() ? $"\"{setting}\"" : $"'{setting}'";

    private static string LastLines(string log) =>
        File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(10)) : "(there is no log)";
}
