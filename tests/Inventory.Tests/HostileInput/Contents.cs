using static Inventory.Tests.HostileInput.HostileRequest;

namespace Inventory.Tests.HostileInput;

/// <summary>Bodies that say they are something else, and wishes for answers that the service does not have.</summary>
[Collection(nameof(ListeningService))]
public sealed class Contents(ListeningService service)
{
    private static readonly HostileRequest[] Rows =
    [
        Another("nothing") with { Body = null },
        Another("no type") with { ContentType = null },
        Another("an empty type") with { ContentType = "" },
        Another("text") with { ContentType = "text/plain" },
        Another("JSON as text") with { ContentType = "text/json" },
        Another("a form") with { ContentType = "application/x-www-form-urlencoded" },
        Another("a form with parts") with { ContentType = "multipart/form-data; boundary=x" },
        Another("XML") with { ContentType = "application/xml" },
        Another("another JSON") with { ContentType = "application/vnd.unknown+json" },
        Another("JSON of a patch") with { ContentType = "application/merge-patch+json" },
        Another("a charset that is none") with { ContentType = "application/json; charset=bogus" },
        Another("an empty charset") with { ContentType = "application/json; charset=" },
        Another("utf-7") with { ContentType = "application/json; charset=utf-7" },
        Another("utf-16") with { ContentType = "application/json; charset=utf-16" },
        Another("two charsets") with { ContentType = "application/json; charset=utf-8; charset=utf-7" },
        Another("a profile") with { ContentType = "application/json; profile=x" },
        Another("nonsense") with { ContentType = "nonsense" },
        Another("10,000 characters") with { ContentType = $"application/json; x={new string('x', 10_000)}" },
        Another("two types").With(("Content-Type", "application/json")) with { ContentType = "application/json" },
        Another("two types in one").With(("Content-Type", "application/json, text/plain")) with { ContentType = null },
        Another("a compressed body").With(("Content-Encoding", "gzip")),
        Another("an unknown coding").With(("Content-Encoding", "bogus")),
        Another("no coding by its name").With(("Content-Encoding", "identity")),
        Another("a file of another kind") with { Path = "/imports", ContentType = "application/json" },
        Another("a file of a charset that is none") with { Path = "/imports", ContentType = "text/csv; charset=bogus" },
        Another("a compressed file").With(("Content-Encoding", "gzip")) with { Path = "/imports", ContentType = "text/csv" },
        Malformed("an empty file") with { Path = "/imports", ContentType = "text/csv", Body = [] },
        Malformed("a file of bytes") with { Path = "/imports", ContentType = "text/csv", Body = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] },
        Malformed("a file of one cell of 60,000 characters") with { Path = "/imports", ContentType = "text/csv", Body = System.Text.Encoding.ASCII.GetBytes(new string('x', 60_000)) },
        Malformed("a file whose quote is not closed") with { Path = "/imports", ContentType = "text/csv", Body = "sku,name\nA,\"x"u8.ToArray() },
        Taken("JSON in UTF-8").With(Sale) with { ContentType = "application/json; charset=utf-8" },
        Taken("JSON in UTF-8, in another case and quoted").With(Sale) with { ContentType = "Application/JSON; Charset=\"UTF-8\"" },
        Taken("a wish for XML").With(("Accept", "application/xml")),
        Taken("a wish for nothing").With(("Accept", "*/*;q=0")),
        Taken("a wish that is none").With(("Accept", "\"")),
        Taken("a wish for another coding").With(("Accept-Encoding", "identity;q=0, bogus")),
        Taken("a wish for another language").With(("Accept-Language", "tlh")),
        Taken("a wish for a part").With(("Range", "bytes=0-1")),
    ];

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    /// <summary>What cannot be served is not refused (RFC 9110, section 12.4.1): the service answers with what it has.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public Task Is_taken_for_what_it_says_or_refused(string content) => service.HoldAgainstAsync(Rows.Single(row => row.Name == content));

    private static HostileRequest Another(string name) => new HostileRequest(name, 415, "unsupported-media-type").With(Sale);
}
