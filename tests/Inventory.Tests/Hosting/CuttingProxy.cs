using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Inventory.Tests.Hosting;

/// <summary>Where a connection to PostgreSQL breaks.</summary>
public enum Cut
{
    /// <summary>The COMMIT never reaches the server.</summary>
    BeforeCommit,

    /// <summary>The server commits, and its answer is lost.</summary>
    AfterCommit,
}

/// <summary>A TCP proxy in front of PostgreSQL that breaks the next connection which commits.</summary>
public sealed class CuttingProxy : IDisposable
{
    /// <summary>With the zero that ends a statement: "read committed", the isolation level, is none.</summary>
    private static readonly byte[] Commit = Encoding.ASCII.GetBytes("COMMIT\0");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _host;
    private readonly int _port;
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private readonly Queue<string> _errors = [];
    private Cut? _armed;
    private string[] _errorsAfterCut = [];
    private bool _down;

    public CuttingProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections were broken on purpose.</summary>
    public int Cuts { get; private set; }

    /// <summary>Breaks the next connection that sends a COMMIT, once.</summary>
    /// <param name="cut">On which side of the commit.</param>
    /// <param name="andStayDown">Break all the others too, and refuse new ones until <see cref="Heal"/>.</param>
    public void Arm(Cut cut, bool andStayDown = false)
    {
        lock (_lock)
        {
            (_armed, StaysDown) = (cut, andStayDown);
        }
    }

    /// <summary>
    /// Breaks the next connection that commits, after the server has done so, and has each of the next messages on whatever
    /// connection answered with an error of its own instead of being passed on.
    /// </summary>
    /// <param name="sqlStates">The errors' codes (PostgreSQL, appendix A).</param>
    public void ArmWithErrors(params string[] sqlStates)
    {
        lock (_lock)
        {
            (_armed, StaysDown, _errorsAfterCut) = (Cut.AfterCommit, false, sqlStates);
        }
    }

    /// <summary>Lets everything through again.</summary>
    public void Heal()
    {
        lock (_lock)
        {
            _down = false;
            _errors.Clear();
        }
    }

    private bool StaysDown { get; set; }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        CloseAll();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy is being disposed of.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            client.NoDelay = true;
            if (_down)
            {
                return;
            }

            await server.ConnectAsync(_host, _port);
            lock (_lock)
            {
                _open.AddRange([client, server]);
            }

            var swallowed = new Swallowed();
            await Task.WhenAny(ToServerAsync(client, server, swallowed), ToClientAsync(server, client, swallowed));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of the two sides hung up.
        }
        finally
        {
            client.Close(0);
        }
    }

    private async Task ToServerAsync(Socket client, Socket server, Swallowed swallowed)
    {
        var buffer = new byte[64 * 1024];
        while (await client.ReceiveAsync(buffer) is var count and > 0)
        {
            if (buffer.AsSpan(0, count).IndexOf(Commit) >= 0 && Disarm() is { } cut)
            {
                Cuts++;
                if (cut == Cut.AfterCommit)
                {
                    // It is committed before the client learns that the connection is gone: who looks then finds it.
                    swallowed.Begin();
                    await server.SendAsync(buffer.AsMemory(0, count));
                    await swallowed.Answer;
                }

                FailNext();
                CloseAll(onlyWhen: _down, client, server);
                return;
            }

            if (NextError() is { } state)
            {
                await client.SendAsync(Error(state));
                if (IsFatal(state))
                {
                    return;
                }

                continue;
            }

            await server.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private static async Task ToClientAsync(Socket server, Socket client, Swallowed swallowed)
    {
        var buffer = new byte[64 * 1024];
        while (await server.ReceiveAsync(buffer) is var count and > 0)
        {
            if (swallowed.Take())
            {
                return;
            }

            await client.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private void FailNext()
    {
        lock (_lock)
        {
            foreach (var state in _errorsAfterCut)
            {
                _errors.Enqueue(state);
            }

            _errorsAfterCut = [];
        }
    }

    private string? NextError()
    {
        lock (_lock)
        {
            return _errors.TryDequeue(out var state) ? state : null;
        }
    }

    // After an error of these classes the server ends the connection.
    private static bool IsFatal(string state) => state[..2] is "08" or "57" && state != "57014";

    /// <summary>An error and “ready for the next” (PostgreSQL, “Message Formats”: ErrorResponse, ReadyForQuery).</summary>
    private static byte[] Error(string state)
    {
        var severity = IsFatal(state) ? "FATAL" : "ERROR";
        var fields = Encoding.ASCII.GetBytes($"S{severity}\0V{severity}\0C{state}\0Mstaged\0\0");
        var length = 4 + fields.Length;
        byte[] error = [(byte)'E', (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. fields];
        return IsFatal(state) ? error : [.. error, (byte)'Z', 0, 0, 0, 5, (byte)'I'];
    }

    private Cut? Disarm()
    {
        lock (_lock)
        {
            var armed = _armed;
            _armed = null;
            _down |= armed is not null && StaysDown;
            return armed;
        }
    }

    private void CloseAll(bool onlyWhen, params Socket[] atLeast)
    {
        foreach (var socket in atLeast)
        {
            socket.Close(0);
        }

        if (onlyWhen)
        {
            CloseAll();
        }
    }

    private void CloseAll()
    {
        lock (_lock)
        {
            _open.ForEach(socket => socket.Close(0));
            _open.Clear();
        }
    }

    /// <summary>The server's answer to a COMMIT, which the client does not get.</summary>
    private sealed class Swallowed
    {
        private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _begun;

        public Task Answer => _answer.Task;

        public void Begin() => _begun = true;

        public bool Take() => _begun && _answer.TrySetResult();
    }
}
