using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.HostileInput;

/// <summary>One connection to the service on which any bytes can be sent. No client stands between that would mend or refuse them.</summary>
internal sealed class RawHttp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private byte[] _unread = [];

    private RawHttp()
    {
    }

    /// <param name="service">Where to connect.</param>
    /// <param name="receiveBufferBytes">How much the system takes for a reader that does not read; null for as much as it likes.</param>
    public static async Task<RawHttp> ConnectAsync(Uri service, int? receiveBufferBytes = null)
    {
        var connection = new RawHttp();
        if (receiveBufferBytes is { } bytes)
        {
            // Before connecting: the window is agreed upon then.
            connection._socket.ReceiveBufferSize = bytes;
        }

        await connection._socket.ConnectAsync(IPAddress.Loopback, service.Port).WaitAsync(Patience);
        return connection;
    }

    /// <summary>Sends text of which every character is one byte.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes).AsTask().WaitAsync(Patience)..];
        }
    }

    /// <summary>Reads what has come, at least one byte; nothing when the service has closed the connection.</summary>
    public async Task<byte[]> ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        try
        {
            return buffer[..await _socket.ReceiveAsync(buffer).WaitAsync(Patience)];
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            return [];
        }
    }

    /// <summary>Reads one answer; null when the connection was closed without one.</summary>
    public async Task<HttpAnswer?> AnswerAsync()
    {
        if (await UntilAsync("\r\n\r\n"u8.ToArray()) is not { } head)
        {
            return null;
        }

        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .ToDictionary(header => header[0], header => header[1], StringComparer.OrdinalIgnoreCase);
        var body = headers.TryGetValue("Content-Length", out var length) ? await TakeAsync(int.Parse(length, CultureInfo.InvariantCulture))
            : headers.ContainsKey("Transfer-Encoding") ? await ChunksAsync()
            : [];
        return new HttpAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, Encoding.UTF8.GetString(body));
    }

    /// <summary>Ends the connection at once (RST) and drops what was not read.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]> ChunksAsync()
    {
        var body = new List<byte>();
        while (await UntilAsync("\r\n"u8.ToArray()) is { } size && size.Trim() != "0")
        {
            body.AddRange(await TakeAsync(int.Parse(size.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            await UntilAsync("\r\n"u8.ToArray());
        }

        return [.. body];
    }

    private async Task<string?> UntilAsync(byte[] end)
    {
        int at;
        while ((at = _unread.AsSpan().IndexOf(end)) < 0)
        {
            if (await ReadAsync() is not { Length: > 0 } more)
            {
                return null;
            }

            _unread = [.. _unread, .. more];
        }

        var text = Encoding.Latin1.GetString(_unread, 0, at);
        _unread = _unread[(at + end.Length)..];
        return text;
    }

    private async Task<byte[]> TakeAsync(int count)
    {
        while (_unread.Length < count)
        {
            var more = await ReadAsync();
            Assert.NotEmpty(more);
            _unread = [.. _unread, .. more];
        }

        var taken = _unread[..count];
        _unread = _unread[count..];
        return taken;
    }
}
