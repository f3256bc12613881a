using System.Net.Http.Headers;
using System.Text;
using Inventory.Slices.Hosting;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.HostileInput;

/// <summary>A service with less patience and room than it has by default, so that a test need not wait as long or send as much.</summary>
public sealed class ImpatientService(DatabaseServer server) : ListeningService(server)
{
    public const int ReadersMax = 3;

    protected override string[] Arguments =>
    [
        "--Kestrel:Limits:RequestHeadersTimeout=00:00:01",
        "--Kestrel:Limits:MinRequestBodyDataRate:BytesPerSecond=240",
        "--Kestrel:Limits:MinRequestBodyDataRate:GracePeriod=00:00:01",
        $"--LiveUpdates:ReadersMax={ReadersMax}",
        "--LiveUpdates:StallMax=00:00:05",
    ];
}

/// <summary>Callers that keep connections and places from others, by mistake or on purpose.</summary>
public sealed class SlowCallers(ImpatientService service) : IClassFixture<ImpatientService>
{
    private const string Follow = "GET /changes HTTP/1.1\r\nHost: localhost\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_header_that_does_not_end_is_not_waited_for()
    {
        var product = await service.ProductAsync();
        using var connection = await RawHttp.ConnectAsync(service.Address);
        await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: ");

        var answer = await TrickleAsync(connection);

        Assert.Equal((408, ""), (answer!.Status, answer.Text));
        await service.IsHealthyAsync(product);
    }

    [Fact]
    public async Task A_body_that_trickles_is_not_waited_for_and_nothing_is_written()
    {
        var product = await service.ProductAsync();
        var before = await service.WrittenAsync();
        using var connection = await RawHttp.ConnectAsync(service.Address);
        await connection.SendAsync($"POST /products/{product}/adjustments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n");

        var answer = await TrickleAsync(connection);

        answer!.IsProblem(400, "malformed-request");
        Assert.Equal("close", answer.Headers.GetValueOrDefault("Connection"));
        Assert.Equal(before, await service.WrittenAsync());
        await service.IsHealthyAsync(product);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_loses_its_place_to_others()
    {
        var product = await service.ProductAsync();
        await ReceiveAsync(lines: 6_000);
        var stalled = new List<RawHttp>();
        try
        {
            for (var n = 0; n < ImpatientService.ReadersMax; n++)
            {
                // It has its place, and takes nothing from here on.
                stalled.Add(await PlaceAsync("Last-Event-ID: 0\r\n", receiveBufferBytes: 4 * 1024));
            }

            using (var late = await RawHttp.ConnectAsync(service.Address))
            {
                await late.SendAsync($"{Follow}\r\n");
                (await late.AnswerAsync())!.IsProblem(503, "overloaded");
            }

            (await PlaceAsync()).Dispose();
        }
        finally
        {
            stalled.ForEach(connection => connection.Dispose());
        }

        await service.IsHealthyAsync(product);
    }

    [Fact]
    public async Task Readers_that_hang_up_in_the_middle_of_an_event_leave_their_places()
    {
        var product = await service.ProductAsync();
        for (var n = 0; n < 3 * ImpatientService.ReadersMax; n++)
        {
            (await PlaceAsync("Last-Event-ID: 0\r\n")).Reset();
        }

        await service.IsHealthyAsync(product);
    }

    [Fact]
    public async Task A_reader_that_claims_to_come_from_the_future_starts_where_the_service_is()
    {
        var (connection, read) = await BegunAsync("Last-Event-ID: 9223372036854775807\r\n");
        using var _ = connection;
        while (!read.Contains("event: open", StringComparison.Ordinal))
        {
            var more = await connection.ReadAsync();
            Assert.NotEmpty(more);
            read += Encoding.UTF8.GetString(more);
        }
    }

    [Fact]
    public async Task Ten_thousand_connections_that_want_to_follow_take_no_more_than_there_is_room_for()
    {
        var product = await service.ProductAsync();
        var connections = new List<RawHttp>();
        try
        {
            for (var n = 0; n < 10_000; n++)
            {
                connections.Add(await RawHttp.ConnectAsync(service.Address));
            }

            var statuses = await Task.WhenAll(connections.Select(async connection =>
            {
                try
                {
                    await connection.SendAsync($"{Follow}\r\n");
                    return Encoding.ASCII.GetString(await connection.ReadAsync()).Split(' ') is [_, var status, ..] ? status : "closed";
                }
                catch (System.Net.Sockets.SocketException)
                {
                    return "closed";
                }
            }));

            var counts = statuses.CountBy(status => status).ToDictionary();
            Assert.Equal(["200", "503", "closed"], counts.Keys.Order(StringComparer.Ordinal));
            Assert.True(counts["200"] <= ImpatientService.ReadersMax && counts["200"] + counts["503"] <= HttpLimits.ConnectionsMax, $"{counts["200"]}, {counts["503"]}");
        }
        finally
        {
            connections.ForEach(connection => connection.Reset());
        }

        (await PlaceAsync()).Dispose();
        await service.IsHealthyAsync(product);
    }

    /// <summary>Sends a byte now and then until there is an answer.</summary>
    private static async Task<HttpAnswer?> TrickleAsync(RawHttp connection)
    {
        var answering = connection.AnswerAsync();
        while (await Task.WhenAny(answering, Task.Delay(100, Cancellation)) != answering)
        {
            await connection.SendAsync(" ");
        }

        return await answering;
    }

    /// <summary>
    /// Makes events, by a file in which each line is one. With the longest name of an actor they are far more than is
    /// taken for a reader that does not read.
    /// </summary>
    private async Task ReceiveAsync(int lines)
    {
        var file = new StringBuilder("sku,name,quantity,reason\n");
        for (var n = 0; n < lines; n++)
        {
            file.Append("FOLLOWED,Followed,1,receipt\n");
        }

        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(file.ToString()));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        content.Headers.Add("Actor", new string('a', HttpLimits.ActorCharactersMax));
        using var answer = await service.Client.PostAsync(new Uri("/imports", UriKind.Relative), content, Cancellation);
        Assert.True((int)answer.StatusCode == 200, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>Asks to follow until there is room, and gives the connection once the service has begun to answer on it.</summary>
    private async Task<RawHttp> PlaceAsync(string headers = "", int? receiveBufferBytes = null) => (await BegunAsync(headers, receiveBufferBytes)).Connection;

    /// <summary>The same, with what has been read of the answer: the first event may have come with its head.</summary>
    private async Task<(RawHttp Connection, string Read)> BegunAsync(string headers, int? receiveBufferBytes = null)
    {
        while (true)
        {
            var connection = await RawHttp.ConnectAsync(service.Address, receiveBufferBytes);
            await connection.SendAsync($"{Follow}{headers}\r\n");
            var read = Encoding.UTF8.GetString(await connection.ReadAsync());
            if (read.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            {
                return (connection, read);
            }

            connection.Dispose();
            await Task.Delay(20, Cancellation);
        }
    }
}
