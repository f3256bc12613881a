using System.Diagnostics;
using System.Globalization;
using Inventory.LocalPostgres;
using Npgsql;

namespace Inventory.Verification.Running;

/// <summary>The PostgreSQL server of a run: a private one that may be crashed, or a given one that may not.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    private const string Database = "verification";
    private const int DeadlocksMax = 5;
    private const int RedeliveredMax = 50;
    private const int ConnectionsMax = 1_000;
    private static readonly TimeSpan UntilOthersCame = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(60);

    // How long the server may take to see that one of its processes was killed.
    private static readonly TimeSpan UntilNoticed = TimeSpan.FromMilliseconds(500);

    private readonly string _folder;
    private readonly SmallDisk? _disk;
    private LocalPostgresServer? _private;

    private StoreServer(string folder, SmallDisk? disk, LocalPostgresServer? server, string connectionString)
    {
        (_folder, _disk, _private) = (folder, disk, server);
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { Database = Database, MaxPoolSize = 30 }.ConnectionString;
        Administration = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
    }

    /// <summary>How to connect to the run's database, without any proxy.</summary>
    public string ConnectionString { get; }

    private string Administration { get; }

    private bool IsRunning => Directory.Exists($"/proc/{_private!.ProcessId}");

    /// <summary>Starts a private server in a folder, or takes the one that a connection string names, and makes an empty database.</summary>
    /// <param name="folder">Where the private server keeps its data.</param>
    /// <param name="connectionString">The server to take.</param>
    /// <param name="diskMegabytes">How large a disk of its own the private server gets, if it gets one.</param>
    public static async Task<StoreServer> StartAsync(string folder, string? connectionString, int? diskMegabytes = null)
    {
        var disk = diskMegabytes is { } size ? await SmallDisk.MountAsync(folder, size) : null;
        var started = connectionString is null ? await StartPrivateAsync(folder, null) : null;
        var server = new StoreServer(folder, disk, started, started?.ConnectionString ?? connectionString!);
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

    /// <summary>Ends the server, and starts it again on the same port.</summary>
    /// <param name="signal">QUIT: at once, as in a crash; what was committed is on the disk, and is recovered at the next start. INT: in order, without waiting for anybody.</param>
    public async Task RestartAsync(string signal)
    {
        await Signals.SendAsync(_private!.ProcessId, signal);
        while (IsRunning)
        {
            await Task.Delay(20);
        }

        await StartAgainAsync();
    }

    /// <summary>Leaves no room on the server's disk while something lasts.</summary>
    public async Task FillDiskAsync(Func<Task> whileAsync)
    {
        await _disk!.FillAsync(whileAsync);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < RecoveryPatience; await Task.Delay(200))
        {
            // One that could not write while it recovered has given up for good.
            if (!IsRunning)
            {
                await StartAgainAsync();
                return;
            }

            try
            {
                await using var connection = new NpgsqlConnection(Administration);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException)
            {
                // It recovers.
            }
        }
    }

    private async Task StartAgainAsync()
    {
        var ended = _private!;
        await ended.DisposeAsync();
        _private = await StartPrivateAsync(_folder, ended.Port);
        NpgsqlConnection.ClearAllPools();
        if (_private.Port != ended.Port)
        {
            throw new InvalidOperationException($"Somebody took port {ended.Port} while the server was down.");
        }
    }

    /// <summary>Whether it is stopped in the middle of whatever it does.</summary>
    public bool StandsStill { get; private set; }

    /// <summary>Stops all of the server's processes in the middle of whatever they do, for a while.</summary>
    public Task StandStillAsync(TimeSpan time) => StandStillAsync(() => Task.Delay(time));

    private async Task StandStillAsync(Func<Task> whileAsync)
    {
        var first = _private!.ProcessId;
        StandsStill = true;
        // The first one makes the others; when it is stopped, no more come.
        await Signals.SendAsync(first, "STOP");
        var others = ChildrenOf(first);
        await Signals.SendAsync(others, "STOP");
        try
        {
            await whileAsync();
        }
        finally
        {
            await Signals.SendAsync([.. others, first], "CONT");
            StandsStill = false;
        }
    }

    /// <summary>Copies the server's data, as of one moment.</summary>
    public Task CopyAsync() => StandStillAsync(async () =>
    {
        await RunAsync("rm", "-rf", Copied);
        await RunAsync("cp", "-a", Data, Copied);
        File.Delete(Path.Combine(Copied, "postmaster.pid"));
    });

    /// <summary>Crashes the server, and starts it with what was copied.</summary>
    /// <param name="betweenAsync">
    /// What is done when the server has ended, on another one that nobody else knows and that has the data of the ended one.
    /// </param>
    public async Task SetBackAsync(Func<string, Task> betweenAsync)
    {
        await Signals.SendAsync(_private!.ProcessId, "QUIT");
        while (IsRunning)
        {
            await Task.Delay(20);
        }

        var aside = Path.Combine(_folder, "aside");
        await RunAsync("rm", "-rf", aside);
        Directory.CreateDirectory(aside);
        await RunAsync("mv", Data, Path.Combine(aside, "data"));
        File.Copy(Path.Combine(_folder, "password"), Path.Combine(aside, "password"));
        await using (var ended = await StartPrivateAsync(aside, null))
        {
            var connection = new NpgsqlConnectionStringBuilder(ended.ConnectionString) { Database = Database, Pooling = false };
            await betweenAsync(connection.ConnectionString);
        }

        await RunAsync("rm", "-rf", aside);
        await RunAsync("mv", Copied, Data);
        await StartAgainAsync();
    }

    private string Data => Path.Combine(_folder, "data");

    private string Copied => Path.Combine(_folder, "copied");

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }

    /// <summary>Has messages that were handled count as taken by nobody. Says how many they were.</summary>
    public async Task<int> RedeliverAsync()
    {
        await using var connection = await OpenAsync(ConnectionString);
        await using var command = new NpgsqlCommand(
            $"""
             update messages.wolverine_incoming_envelopes set status = 'Incoming', owner_id = 0, keep_until = null
             where status = 'Handled' and id in (
                 select id from messages.wolverine_incoming_envelopes
                 where status = 'Handled' and octet_length(body) > 0 order by random() limit {RedeliveredMax})
             """, connection);
        return await command.ExecuteNonQueryAsync();
    }

    private static List<int> ChildrenOf(int process)
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                // proc(5): the process, its name in parentheses, its state, its parent.
                var stat = int.TryParse(Path.GetFileName(folder), out _) ? File.ReadAllText(Path.Combine(folder, "stat")) : "";
                if (stat.Length > 0 && stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == process.ToString(CultureInfo.InvariantCulture))
                {
                    children.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
                }
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return children;
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

    /// <summary>Cancels what the nodes' connections are doing.</summary>
    public Task CancelAsync() => ExecuteAsync(Administration, $"select pg_cancel_backend(pid) from pg_stat_activity where datname = '{Database}' and state = 'active' and pid <> pg_backend_pid()");

    /// <summary>Has a setting of the database apply to all connections from now on.</summary>
    public async Task SetAsync(string setting)
    {
        await ExecuteAsync(Administration, $"alter database {Database} set {setting}");
        await TerminateAsync();
    }

    /// <summary>Takes all settings of the database back.</summary>
    public async Task ResetAsync()
    {
        await ExecuteAsync(Administration, $"alter database {Database} reset all");
        await TerminateAsync();
    }

    /// <summary>The ports that those connections come from that hold a lock which nodes agree by.</summary>
    public async Task<IReadOnlyList<int>> LockHoldersAsync()
    {
        await using var connection = await OpenAsync(Administration);
        await using var command = new NpgsqlCommand(
            $"select client_port from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and granted and datname = '{Database}' and client_port is not null", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var ports = new List<int>();
        while (await reader.ReadAsync())
        {
            ports.Add(reader.GetInt32(0));
        }

        return ports;
    }

    /// <summary>Locks the table of streams against changes for a while.</summary>
    public Task LockAsync(int milliseconds) => TryAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, "lock table inventory.mt_streams in share mode");
        await Task.Delay(milliseconds);
    });

    /// <summary>Locks streams two by two in the other order than the service, so that one of the two has to give way.</summary>
    public async Task DeadlockAsync()
    {
        for (var n = 0; n < DeadlocksMax; n++)
        {
            await TryAsync(async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await RunAsync(connection, "create temporary table chosen on commit drop as select id from inventory.mt_streams order by random() limit 2");
                await RunAsync(connection, "select 1 from inventory.mt_streams where id = (select id from chosen order by id desc limit 1) for update");
                await Task.Delay(UntilOthersCame);
                await RunAsync(connection, "select 1 from inventory.mt_streams where id = (select id from chosen order by id limit 1) for update");
            });
        }
    }

    /// <summary>Takes every connection that the server allows.</summary>
    public async Task TakeConnectionsAsync(Func<Task> whileAsync)
    {
        var taken = new List<NpgsqlConnection>();
        try
        {
            await TerminateAsync();
            while (taken.Count < ConnectionsMax)
            {
                var connection = new NpgsqlConnection(Administration);
                taken.Add(connection);
                await connection.OpenAsync();
            }
        }
        catch (NpgsqlException)
        {
            // There are no more.
        }

        await whileAsync();
        foreach (var connection in taken)
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>Runs a statement in the run's database.</summary>
    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_private is not null)
        {
            await _private.DisposeAsync();
        }

        if (_disk is not null)
        {
            await _disk.UnmountAsync();
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

    /// <summary>Does something that the database, or another fault, may break off.</summary>
    private async Task TryAsync(Func<NpgsqlConnection, Task> act)
    {
        await using var connection = await OpenAsync(ConnectionString);
        try
        {
            await act(connection);
        }
        catch (NpgsqlException)
        {
            // It has done what it was for.
        }
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = await OpenAsync(connectionString);
        await RunAsync(connection, sql);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
