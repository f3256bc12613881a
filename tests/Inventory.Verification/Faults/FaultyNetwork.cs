using System.Net;
using System.Net.Sockets;

namespace Inventory.Verification.Faults;

/// <summary>
/// The network between two programs on this machine, which can be slow, deaf or broken. It knows the bytes by which a request is recognised
/// that changes something, so that it can break on either side of it.
/// </summary>
/// <param name="port">The port it listens on; 0 for any.</param>
/// <param name="target">The port it leads to.</param>
/// <param name="change">What is in every request that changes something.</param>
internal sealed class FaultyNetwork(int port, int target, byte[] change) : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Link> _links = [];
    private int _loseRequest;
    private int _loseAnswer;

    /// <summary>The port it listens on.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long everything takes that goes towards the target.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Nothing comes through, and nobody is told.</summary>
    public bool IsHole { get; set; }

    /// <summary>How many changes were cut off on purpose.</summary>
    public int Cuts { get; private set; }

    public FaultyNetwork Start()
    {
        _listener.Start();
        _ = AcceptAsync();
        return this;
    }

    /// <summary>Breaks the connection of the next change before it is sent on.</summary>
    public void LoseNextRequest() => _loseRequest = 1;

    /// <summary>Sends the next change on, and breaks its connection when the answer comes.</summary>
    public void LoseNextAnswer() => _loseAnswer = 1;

    /// <summary>Breaks every connection.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _links.ToList().ForEach(link => link.Break());
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        Reset();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var link = new Link(client, new Socket(SocketType.Stream, ProtocolType.Tcp));
        try
        {
            await link.Server.ConnectAsync(IPAddress.Loopback, target);
            lock (_lock)
            {
                _links.Add(link);
            }

            await Task.WhenAny(ForwardAsync(link), BackAsync(link));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of the two sides hung up, or is not there.
        }
        finally
        {
            lock (_lock)
            {
                _links.Remove(link);
            }
        }
    }

    private async Task ForwardAsync(Link link)
    {
        var buffer = new byte[64 * 1024];
        while (await link.Client.ReceiveAsync(buffer) is var count and > 0)
        {
            await HoleAsync();
            await Task.Delay(Delay);
            if (buffer.AsSpan(0, count).IndexOf(change) >= 0)
            {
                if (Interlocked.Exchange(ref _loseRequest, 0) == 1)
                {
                    Cuts++;
                    link.Break();
                    return;
                }

                link.LosesAnswer |= Interlocked.Exchange(ref _loseAnswer, 0) == 1;
            }

            await link.Server.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private async Task BackAsync(Link link)
    {
        var buffer = new byte[64 * 1024];
        while (await link.Server.ReceiveAsync(buffer) is var count and > 0)
        {
            await HoleAsync();
            if (link.LosesAnswer)
            {
                Cuts++;
                link.Break();
                return;
            }

            await link.Client.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private async Task HoleAsync()
    {
        while (IsHole)
        {
            await Task.Delay(20, _stop.Token);
        }
    }

    /// <summary>A connection and the one behind it.</summary>
    private sealed class Link(Socket client, Socket server) : IDisposable
    {
        public Socket Client { get; } = WithoutDelay(client);

        public Socket Server { get; } = WithoutDelay(server);

        public bool LosesAnswer { get; set; }

        /// <summary>Both sides see a reset.</summary>
        public void Break()
        {
            Client.Close(0);
            Server.Close(0);
        }

        public void Dispose() => Break();

        private static Socket WithoutDelay(Socket socket)
        {
            socket.NoDelay = true;
            return socket;
        }
    }
}
