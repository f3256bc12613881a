using static Inventory.Tests.HostileInput.HostileRequest;

namespace Inventory.Tests.HostileInput;

/// <summary>Requests that are no good HTTP/1.1 (RFC 9112), or that somebody between here and the caller may read otherwise.</summary>
[Collection(nameof(ListeningService))]
public sealed class Protocol(ListeningService service)
{
    private const string Line = $"POST /products/{Product}/adjustments HTTP/1.1\r\n";
    private const string Host = "Host: localhost\r\n";
    private const string Json = "Content-Type: application/json\r\n";

    private const string File = $"POST /imports HTTP/1.1\r\n{Host}Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static readonly HostileRequest[] Rows =
    [
        Unheard("no request") with { Raw = "hello\r\n\r\n" },
        Unheard("another protocol") with { Raw = "EHLO example.org\r\n\r\n" },
        Unheard("a greeting of TLS") with { Raw = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n" },
        Unheard("HTTP/3.0", 505) with { Raw = $"GET /health/live HTTP/3.0\r\n{Host}\r\n" },
        Unheard("a method that is none") with { Raw = $"G(T /health/live HTTP/1.1\r\n{Host}\r\n" },
        Unheard("no path") with { Raw = $"GET  HTTP/1.1\r\n{Host}\r\n" },
        Unheard("a path without a slash") with { Raw = $"GET health/live HTTP/1.1\r\n{Host}\r\n" },
        Unheard("NUL in the path") with { Raw = $"GET /health\0/live HTTP/1.1\r\n{Host}\r\n" },
        Unheard("no host") with { Raw = "GET /health/live HTTP/1.1\r\n\r\n" },
        Unheard("two hosts") with { Raw = $"GET /health/live HTTP/1.1\r\n{Host}{Host}\r\n" },
        Unheard("a host that is none") with { Raw = "GET /health/live HTTP/1.1\r\nHost: a/b\r\n\r\n" },
        Unheard("a host that the path contradicts") with { Raw = $"GET http://example.org/health/live HTTP/1.1\r\n{Host}\r\n" },
        Malformed("an unknown host") with { Raw = "GET /health/live HTTP/1.1\r\nHost: example.org\r\n\r\n" },
        Malformed("an unknown host in the path") with { Raw = "GET http://example.org/health/live HTTP/1.1\r\nHost: example.org\r\n\r\n" },
        Malformed("a host that begins as a known one does") with { Raw = "GET /health/live HTTP/1.1\r\nHost: localhost.example.org\r\n\r\n" },
        new("a way through to somewhere else", 404, "not-found") { Raw = "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n" },
        Unheard("a field without a colon") with { Raw = $"GET /health/live HTTP/1.1\r\n{Host}Actor\r\n\r\n" },
        Unheard("a space before the colon") with { Raw = $"GET /health/live HTTP/1.1\r\n{Host}Actor : ann\r\n\r\n" },
        Unheard("a folded field") with { Raw = $"GET /health/live HTTP/1.1\r\n{Host}Actor: ann\r\n ben\r\n\r\n" },
        Unheard("NUL in a field") with { Raw = $"GET /health/live HTTP/1.1\r\n{Host}Actor: a\0b\r\n\r\n" },
        Unheard("a line break in a field") with { Raw = $"GET /health/live HTTP/1.1\r\n{Host}Actor: a\rb\r\n\r\n" },
        Unheard("a field that is no UTF-8") with { Raw = $"GET /health/live HTTP/1.1\r\n{Host}Actor: \u00b9\r\n\r\n" },
        Unheard("40 KB of fields", 431) with { Raw = $"GET /health/live HTTP/1.1\r\n{Host}X: {new string('x', 40 * 1024)}\r\n\r\n" },
        Unheard("200 fields", 431) with { Raw = $"GET /health/live HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Range(0, 200).Select(n => $"X-{n}: x\r\n"))}\r\n" },
        Unheard("two lengths") with { Raw = $"{Line}{Host}{Json}Content-Length: 28\r\nContent-Length: 29\r\n\r\n{Sale}" },
        Unheard("one length twice") with { Raw = $"{Line}{Host}{Json}Content-Length: 28\r\nContent-Length: 28\r\n\r\n{Sale}" },
        Unheard("two lengths in one field") with { Raw = $"{Line}{Host}{Json}Content-Length: 28, 29\r\n\r\n{Sale}" },
        Unheard("a negative length") with { Raw = $"{Line}{Host}{Json}Content-Length: -1\r\n\r\n{Sale}" },
        Unheard("a length over 64 bits") with { Raw = $"{Line}{Host}{Json}Content-Length: 9223372036854775808\r\n\r\n{Sale}" },
        Unheard("a length in hexadecimal") with { Raw = $"{Line}{Host}{Json}Content-Length: 0x1c\r\n\r\n{Sale}" },
        Unheard("neither length nor chunks") with { Raw = $"POST /products/{Product}/adjustments HTTP/1.0\r\n{Host}{Json}\r\n{Sale}" },
        Unheard("chunks that are not last") with { Raw = $"{Line}{Host}{Json}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" },
        Unheard("a transfer coding that is unknown") with { Raw = $"{Line}{Host}{Json}Transfer-Encoding: bogus\r\n\r\n" },
        new("a length of 40 MB", 413, "body-too-large") { Raw = $"{Line}{Host}{Json}Content-Length: 41943040\r\n\r\n" },
        new("a length of 40 MB to wait for", 413, "body-too-large") { Raw = $"{Line}{Host}{Json}Expect: 100-continue\r\nContent-Length: 41943040\r\n\r\n" },
        new("a file's length of 100 MB", 413, "body-too-large") { Raw = $"POST /imports HTTP/1.1\r\n{Host}Content-Type: text/csv\r\nContent-Length: 104857600\r\n\r\n" },
        new("chunks over the limit of a body", 413, "body-too-large")
        {
            Raw = $"{Line}{Host}{Json}Transfer-Encoding: chunked\r\n\r\n{string.Concat(Enumerable.Repeat($"4000\r\n{new string(' ', 0x4000)}\r\n", 5))}",
        },
        Malformed("a chunk whose size is none") with { Raw = $"{Line}{Host}{Json}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{Sale}\r\n0\r\n\r\n" },
        Malformed("a chunk of a negative size") with { Raw = $"{Line}{Host}{Json}Transfer-Encoding: chunked\r\n\r\n-1\r\n{Sale}\r\n0\r\n\r\n" },
        Malformed("a chunk of a size over 64 bits") with { Raw = $"{Line}{Host}{Json}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{Sale}" },
        Malformed("a chunk longer than it says") with { Raw = $"{Line}{Host}{Json}Transfer-Encoding: chunked\r\n\r\n5\r\n{Sale}\r\n0\r\n\r\n" },
        Malformed("a chunk that ends in a bare line feed") with { Raw = $"{Line}{Host}{Json}Transfer-Encoding: chunked\r\n\r\n1c\n{Sale}\n0\n\n" },
        Malformed("a chunk of a file whose size is none") with { Raw = $"{File}xyz\r\nsku,name\r\n0\r\n\r\n" },
        Malformed("a chunk of a file of a size over 64 bits") with { Raw = $"{File}fffffffffffffffff\r\nsku,name" },
        new("a method that the path does not take", 405, "method-not-allowed") { Raw = $"DELETE /products/{Product} HTTP/1.1\r\n{Host}\r\n" },
        new("a method that nobody knows", 405, "method-not-allowed") { Raw = $"BREW /products/{Product} HTTP/1.1\r\n{Host}\r\n" },
        new("a method in small letters", 200, null) { Raw = $"get /products/{Product} HTTP/1.1\r\n{Host}\r\n" },
        new("a trace", 405, "method-not-allowed") { Raw = $"TRACE /products/{Product} HTTP/1.1\r\n{Host}Cookie: secret\r\n\r\n" },
        new("options of everything", 404, "not-found") { Raw = $"OPTIONS * HTTP/1.1\r\n{Host}\r\n" },
        new("another method in a field", 405, "method-not-allowed")
        {
            Raw = $"GET /products/{Product}/adjustments HTTP/1.1\r\n{Host}{Json}X-HTTP-Method-Override: POST\r\nContent-Length: 28\r\n\r\n{Sale}",
        },
        new("another method in the query", 405, "method-not-allowed") { Raw = $"GET /products/{Product}/adjustments?_method=POST HTTP/1.1\r\n{Host}\r\n" },
        new("another path in a field", 200, null) { Raw = $"GET /health/live HTTP/1.1\r\n{Host}X-Original-URL: /products\r\nX-Rewrite-URL: /products\r\n\r\n" },
        new("another caller in a field", 200, null) { Raw = $"GET /health/live HTTP/1.1\r\n{Host}X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Host: example.org\r\nForwarded: host=example.org\r\n\r\n" },
        new("an upgrade that nobody offers", 200, null) { Raw = $"GET /health/live HTTP/1.1\r\n{Host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n" },
        new("the known host by its number", 200, null) { Raw = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n" },
        new("the known host in capitals", 200, null) { Raw = "GET /health/live HTTP/1.1\r\nHost: LOCALHOST\r\n\r\n" },
        new("the known host by its long number", 200, null) { Raw = "GET /health/live HTTP/1.1\r\nHost: [::1]:5080\r\n\r\n" },
        new("HTTP/1.0 without a host", 200, null) { Raw = "GET /health/live HTTP/1.0\r\n\r\n" },
        Taken("chunks") with { Raw = $"{Line}{Host}{Json}Transfer-Encoding: chunked\r\n\r\n1c\r\n{Sale}\r\n0\r\n\r\n" },
        // The length is not believed (RFC 9112, section 6.3).
        Taken("chunks and a length") with { Raw = $"{Line}{Host}{Json}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n1c\r\n{Sale}\r\n0\r\n\r\n" },
        Taken("chunks of single bytes") with { Raw = $"{Line}{Host}{Json}Transfer-Encoding: chunked\r\n\r\n{string.Concat(Sale.Select(c => $"1;x=y\r\n{c}\r\n"))}0\r\n\r\n" },
    ];

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Is_answered_and_nothing_happens_by_mistake(string request) => service.HoldAgainstAsync(Rows.Single(row => row.Name == request));
}
