using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Inventory.Verification.Faults;

/// <summary>
/// The network between two programs on this machine, which can be slow, deaf or broken. It knows the bytes by which a request is recognised
/// that changes something, so that it can break on either side of it.
/// </summary>
/// <param name="port">The port it listens on; 0 for any.</param>
/// <param name="target">The port it leads to.</param>
/// <param name="change">What is in every request that changes something.</param>
/// <param name="isBeforeDatabase">Whether it leads to a PostgreSQL server, in whose place it can answer then.</param>
internal sealed class FaultyNetwork(int port, int target, byte[] change, bool isBeforeDatabase = false) : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Link> _links = [];
    private Func<Passage, Task>? _atRequest;
    private Func<Passage, Task>? _atAnswer;
    private Action<PostgresError>? _answered;
    private volatile PostgresError? _error;

    /// <summary>The port it listens on.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long everything takes that goes towards the target.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Nothing comes through, and nobody is told.</summary>
    public bool IsHole { get; set; }

    /// <summary>What comes through comes in small pieces.</summary>
    public bool Trickles { get; set; }

    public FaultyNetwork Start()
    {
        _listener.Start();
        _ = AcceptAsync();
        return this;
    }

    /// <summary>Does something with the next change, when it comes and has not been sent on. Null: nothing any more.</summary>
    public void AtNextRequest(Func<Passage, Task>? act) => _atRequest = act;

    /// <summary>Sends the next change on, and does something with the answer to it, when it comes and has not been sent on. Null: nothing any more.</summary>
    public void AtNextAnswer(Func<Passage, Task>? act) => _atAnswer = act;

    /// <summary>Answers statements, or new connections, with an error in the server's place.</summary>
    /// <param name="error">The error. Null: the server answers again.</param>
    /// <param name="answered">What is done when somebody was answered so.</param>
    public void AnswerWith(PostgresError? error, Action<PostgresError>? answered = null) => (_answered, _error) = (answered, error);

    /// <summary>Whether one of its connections reaches the target from a port.</summary>
    public bool ReachesFrom(int port)
    {
        lock (_lock)
        {
            return _links.Any(link => (link.Server.LocalEndPoint as IPEndPoint)?.Port == port);
        }
    }

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
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
            catch (SocketException)
            {
                // Somebody hung up before the connection was accepted.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return; // The run is over.
            }
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
            if (isBeforeDatabase && await AnswerAsync(link, buffer.AsMemory(0, count)))
            {
                continue;
            }

            var passage = new Passage(link, link.Server, buffer.AsMemory(0, count), target);
            if (buffer.AsSpan(0, count).IndexOf(change) >= 0)
            {
                link.AtAnswer = Interlocked.Exchange(ref _atAnswer, null) ?? link.AtAnswer;
                if (Interlocked.Exchange(ref _atRequest, null) is { } act)
                {
                    await act(passage);
                    continue;
                }
            }

            await (Trickles ? passage.TrickleAsync() : passage.SendAsync());
        }
    }

    /// <summary>Sends on what the server may hear, and answers the rest. False when it may hear everything.</summary>
    private async Task<bool> AnswerAsync(Link link, ReadOnlyMemory<byte> said)
    {
        // What was begun to be left unsaid is answered, also when the fault is over meanwhile.
        var error = link.Error = _error ?? link.Error;
        if (link.HasFailed && link.Talk.IsInTransaction && said.Span.IndexOf(change) >= 0)
        {
            // The server does not know that what is to be committed has failed.
            link.Break();
        }

        var parts = link.Talk.Said(said, _error);
        if (parts is [{ Length: var length }] && length == said.Length)
        {
            return false;
        }

        foreach (var part in parts)
        {
            if (part.Length > 0)
            {
                await link.Server.SendAsync(part);
                continue;
            }

            await link.Talk.IsAnsweredAsync();
            link.HasFailed = link.Talk.IsInTransaction;
            await link.Client.SendAsync(error!.Answer(link.HasFailed));
            _answered?.Invoke(error);
            if (error.IsFatal)
            {
                link.End();
                break;
            }
        }

        return true;
    }

    private async Task BackAsync(Link link)
    {
        var buffer = new byte[64 * 1024];
        while (await link.Server.ReceiveAsync(buffer) is var count and > 0)
        {
            if (isBeforeDatabase)
            {
                link.Talk.Heard(buffer.AsSpan(0, count));
            }

            await HoleAsync();
            var passage = new Passage(link, link.Client, buffer.AsMemory(0, count), target);
            if (link.AtAnswer is { } act)
            {
                link.AtAnswer = null;
                await act(passage);
            }
            else
            {
                await (Trickles ? passage.TrickleAsync() : passage.SendAsync());
            }
        }
    }

    private async Task HoleAsync()
    {
        while (IsHole)
        {
            await Task.Delay(20, _stop.Token);
        }
    }

    /// <summary>Something that has come and is to be sent on.</summary>
    /// <param name="link">The connection.</param>
    /// <param name="to">Where it is to go.</param>
    /// <param name="bytes">What it is.</param>
    /// <param name="target">The port that the network leads to.</param>
    internal sealed class Passage(Link link, Socket to, Memory<byte> bytes, int target)
    {
        private const int Piece = 16;

        // Parts of a request that come apart by less than this are one.
        private static readonly TimeSpan UntilWhole = TimeSpan.FromMilliseconds(20);

        /// <summary>A header of an HTTP request; empty when it is not there.</summary>
        public string Header(string name)
        {
            var text = Encoding.ASCII.GetString(bytes.Span);
            var at = text.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
            return at < 0 ? "" : text[(at + name.Length + 4)..].Split("\r\n")[0];
        }

        /// <summary>Sends it on.</summary>
        public async Task SendAsync() => await to.SendAsync(bytes);

        /// <summary>Sends it on in small pieces.</summary>
        public async Task TrickleAsync()
        {
            for (var at = 0; at < bytes.Length; at += Piece)
            {
                await to.SendAsync(bytes[at..Math.Min(at + Piece, bytes.Length)]);
                await Task.Yield();
            }
        }

        /// <summary>Sends it on, and the same once more over a connection of its own, whose answer nobody reads.</summary>
        public async Task SendTwiceAsync()
        {
            await Task.Delay(UntilWhole);
            var rest = new byte[Math.Min(link.Client.Available, 64 * 1024)];
            var restLength = rest.Length == 0 ? 0 : await link.Client.ReceiveAsync(rest);
            byte[] whole = [.. bytes.Span, .. rest.AsSpan(0, restLength)];
            using var other = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await other.ConnectAsync(IPAddress.Loopback, target);
            await Task.WhenAll(to.SendAsync(whole), other.SendAsync(whole));
            await Task.Delay(UntilWhole);
        }

        /// <summary>Both sides see a reset.</summary>
        public Task BreakAsync()
        {
            link.Break();
            return Task.CompletedTask;
        }
    }

    /// <summary>A connection and the one behind it.</summary>
    internal sealed class Link(Socket client, Socket server) : IDisposable
    {
        public Socket Client { get; } = WithoutDelay(client);

        public Socket Server { get; } = WithoutDelay(server);

        /// <summary>What is done with the next answer.</summary>
        public Func<Passage, Task>? AtAnswer { get; set; }

        /// <summary>What a client and a database say to each other over it.</summary>
        public PostgresTalk Talk { get; } = new();

        /// <summary>The error that something on it was last to be answered with.</summary>
        public PostgresError? Error { get; set; }

        /// <summary>Whether the client was told that its transaction has failed, which the server does not know.</summary>
        public bool HasFailed { get; set; }

        /// <summary>Both sides see the end, after all that was sent.</summary>
        public void End()
        {
            Client.Shutdown(SocketShutdown.Send);
            Server.Close(0);
        }

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
