using System.Buffers.Binary;
using System.Net;
using System.Text;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.HostileInput;

/// <summary>A service that speaks HTTP/2 without TLS, which it does by configuration only.</summary>
public sealed class ServiceOnHttp2(DatabaseServer server) : ListeningService(server)
{
    protected override string[] Arguments => ["--Kestrel:EndpointDefaults:Protocols=Http2"];

    protected override void Configure(HttpClient client) =>
        (client.DefaultRequestVersion, client.DefaultVersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
}

/// <summary>HTTP/2 (RFC 9113) lets a caller ask and take it back at once, for nothing ("rapid reset", CVE-2023-44487).</summary>
public sealed class Http2Resets(ServiceOnHttp2 service) : IClassFixture<ServiceOnHttp2>
{
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;
    private const byte EndOfStreamAndHeaders = 0x5;

    [Fact]
    public async Task A_caller_that_takes_back_thousands_of_requests_is_sent_away()
    {
        var product = await service.ProductAsync();
        var before = await service.WrittenAsync();
        using var connection = await RawHttp.ConnectAsync(service.Address);
        var last = GoAwayAsync(connection);
        await connection.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        await connection.SendAsync(Frame(Settings, 0, 0, []));
        try
        {
            for (var stream = 1; stream < 100_000 && !last.IsCompleted; stream += 2)
            {
                byte[] request = [.. Frame(Headers, EndOfStreamAndHeaders, stream, Get($"/products/{product}")), .. Frame(ResetStream, 0, stream, new byte[4])];
                await connection.SendAsync(request);
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The service has closed the connection while something was sent.
        }

        Assert.True(await last, "The connection should have been ended.");
        Assert.Equal(before, await service.WrittenAsync());
        await service.IsHealthyAsync(product);
    }

    /// <summary>Reads until the service says goodbye or closes; whether it did.</summary>
    private static async Task<bool> GoAwayAsync(RawHttp connection)
    {
        var unread = new List<byte>();
        while (true)
        {
            while (unread.Count >= 9 && unread.Count >= 9 + Length(unread))
            {
                if (unread[3] == GoAway)
                {
                    return true;
                }

                unread.RemoveRange(0, 9 + Length(unread));
            }

            var more = await connection.ReadAsync();
            if (more.Length == 0)
            {
                return true;
            }

            unread.AddRange(more);
        }

        static int Length(List<byte> frame) => (frame[0] << 16) | (frame[1] << 8) | frame[2];
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>A request's fields (RFC 7541): the known ones by their number in the static table, the others spelled out and not remembered.</summary>
    private static byte[] Get(string path) => [0x82, 0x86, .. Literal(4, path), .. Literal(1, "localhost")];

    private static byte[] Literal(byte name, string value) => [name, (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
