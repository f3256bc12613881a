using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Inventory.LocalPostgres;

/// <summary>Makes, starts and stops what lies in a <see cref="ClusterFolder"/>, with PostgreSQL's own programs.</summary>
internal sealed class Cluster(ClusterFolder folder, PostgresPrograms programs)
{
    private const int StartAttemptsMax = 3;

    /// <summary>Makes the cluster, with one superuser and its password.</summary>
    public async Task MakeAsync(string superuser, CancellationToken cancellation)
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
                    "-D", folder.NewData, "-U", superuser, "--pwfile", once, "--auth=scram-sha-256", "--encoding=UTF8",
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

    /// <summary>Starts the server on the preferred port, or on a free one when it is taken.</summary>
    public async Task<(int ProcessId, int Port)> StartAsync(int? preferredPort, CancellationToken cancellation)
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

    /// <summary>Stops the server: connections are ended, what was committed is on disk.</summary>
    public async Task StopAsync()
    {
        var stop = await ServerAccount.RunAsync(
            programs["pg_ctl"], ["stop", "-D", folder.Data, "-m", "fast", "-w"], CancellationToken.None);
        stop.ThrowIfFailed();
    }

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
