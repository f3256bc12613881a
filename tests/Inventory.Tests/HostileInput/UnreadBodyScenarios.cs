using System.Globalization;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.HostileInput;

/// <summary>Who sends a body that is not read to its end is told that the connection ends with the answer.</summary>
[Collection(nameof(ListeningService))]
public sealed class UnreadBodyScenarios(ListeningService service)
{
    private const string Probe = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static readonly string TooLong = new('x', 70_000);

    [Theory]
    [InlineData("POST", "/products", "application/json", 70_000, 413)]
    [InlineData("POST", "/adjustments", "application/json", 70_000, 413)]
    [InlineData("POST", "/products", "text/plain", 70_000, 415)]
    [InlineData("GET", "/health/live", "text/plain", 70_000, 200)]
    [InlineData("POST", "/nowhere", "application/json", 70_000, 404)]
    [InlineData("DELETE", "/products", "application/json", 70_000, 405)]
    [InlineData("POST", "/imports", "text/csv", 67_108_865, 413)]
    [InlineData("POST", "/imports", "application/json", 30_000_000, 415)]
    public async Task A_body_that_is_longer_than_the_server_reads_by_itself(string method, string path, string type, int bytes, int status)
    {
        using var connection = await RawHttp.ConnectAsync(service.Address);
        await connection.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {bytes}\r\n\r\n"));

        var answer = await connection.AnswerAsync();

        Assert.Equal((status, "close"), (answer!.Status, answer.Headers.GetValueOrDefault("Connection")));
    }

    [Theory]
    [InlineData("application/json", 413)]
    [InlineData("text/plain", 415)]
    public async Task A_body_in_chunks_that_does_not_end(string type, int status)
    {
        using var connection = await RawHttp.ConnectAsync(service.Address);
        await connection.SendAsync($"POST /products HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n{TooLong.Length:X}\r\n{TooLong}\r\n");

        var answer = await connection.AnswerAsync();

        Assert.Equal((status, "close"), (answer!.Status, answer.Headers.GetValueOrDefault("Connection")));
    }

    [Fact]
    public async Task A_chunk_that_is_none()
    {
        using var connection = await RawHttp.ConnectAsync(service.Address);
        await connection.SendAsync("POST /products HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n");

        var answer = await connection.AnswerAsync();

        Assert.Equal((400, "close"), (answer!.Status, answer.Headers.GetValueOrDefault("Connection")));
    }

    [Theory]
    [InlineData("text/plain", "{}", 415)]
    [InlineData("application/json", "{}", 400)]
    [InlineData("application/json", "{\"sku\":\"KEPT-1\",\"name\":\"Widget\",\"initialQuantity\":1}", 201)]
    public async Task A_body_that_is_read_or_short_costs_no_connection(string type, string body, int status)
    {
        using var connection = await RawHttp.ConnectAsync(service.Address);
        await connection.SendAsync(string.Create(CultureInfo.InvariantCulture, $"POST /products HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        var answer = await connection.AnswerAsync();
        Assert.Equal((status, null), (answer!.Status, answer.Headers.GetValueOrDefault("Connection")));

        await connection.SendAsync(Probe);
        Assert.Equal(200, (await connection.AnswerAsync())?.Status);
    }

    [Fact]
    public async Task A_client_that_keeps_connections_is_not_failed_by_the_request_after_a_body_that_was_too_long()
    {
        using var tooLong = new StringContent(TooLong, System.Text.Encoding.UTF8, "application/json");
        using var refused = await service.Client.PostAsync(new Uri("/products", UriKind.Relative), tooLong, TestContext.Current.CancellationToken);
        Assert.True(refused.Headers.ConnectionClose);
        await service.IsHealthyAsync(await service.ProductAsync());
    }
}
