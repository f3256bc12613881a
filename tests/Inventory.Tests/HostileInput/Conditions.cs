using static Inventory.Tests.HostileInput.HostileRequest;

namespace Inventory.Tests.HostileInput;

/// <summary>What a caller says it saw, who it is, and whether it asked before: said wrongly it is refused, never ignored.</summary>
[Collection(nameof(ListeningService))]
public sealed class Conditions(ListeningService service)
{
    private static readonly HostileRequest[] Rows =
    [
        Rename("neither", 428, "precondition-required"),
        Rename("stale", 412, "version-conflict", ("If-Match", "\"7\"")),
        Rename("weak", 412, "version-conflict", ("If-Match", "W/\"1\"")),
        Rename("not one of ours", 412, "version-conflict", ("If-Match", "\"abc\"")),
        Rename("a list without it", 412, "version-conflict", ("If-Match", "\"2\", \"3\"")),
        Rename("over 64 bits", 412, "version-conflict", ("If-Match", "\"9223372036854775808\"")),
        Rename("unquoted", 400, "malformed-request", ("If-Match", "1")),
        Rename("unclosed", 400, "malformed-request", ("If-Match", "\"1")),
        Rename("empty", 400, "malformed-request", ("If-Match", "")),
        Rename("single quotes", 400, "malformed-request", ("If-Match", "'1'")),
        Rename("a list with a gap", 400, "malformed-request", ("If-Match", "\"1\",,\"2\"")),
        Rename("a star in a list", 400, "malformed-request", ("If-Match", "*, \"1\"")),
        Rename("a star on a second line", 400, "malformed-request", ("If-Match", "\"1\""), ("If-Match", "*")),
        Rename("more tags than allowed", 400, "malformed-request", ("If-Match", string.Join(',', Enumerable.Repeat("\"1\"", 101)))),
        Rename("seen 0", 400, "malformed-request", ("Seen-Version", "0")),
        Rename("seen a negative version", 400, "malformed-request", ("Seen-Version", "-1")),
        Rename("seen what is not there yet", 400, "malformed-request", ("Seen-Version", "2")),
        Rename("seen the last there can be", 400, "malformed-request", ("Seen-Version", "9223372036854775807")),
        Rename("seen over 64 bits", 400, "malformed-request", ("Seen-Version", "9223372036854775808")),
        Rename("seen a word", 400, "malformed-request", ("Seen-Version", "one")),
        Rename("seen a tag", 400, "malformed-request", ("Seen-Version", "\"1\"")),
        Rename("seen other digits", 400, "malformed-request", ("Seen-Version", "\u00c2\u00b9")),
        Rename("seen nothing", 400, "malformed-request", ("Seen-Version", "")),
        Rename("seen two versions", 400, "malformed-request", ("Seen-Version", "1"), ("Seen-Version", "1")),
        Rename("a good tag and a bad version", 400, "malformed-request", ("If-Match", "\"1\""), ("Seen-Version", "x")),
        Malformed("a version of what is not there yet").With(("If-Match", "*")) with { Path = "/products", Body = """{"sku":"HOSTILE","name":"x","initialQuantity":1}"""u8.ToArray() },
        Malformed("a version of several products").With(("Seen-Version", "1")) with
        {
            Path = "/adjustments",
            Body = """{"lines":[{"productId":"019c2a5e-7f00-7000-8000-000000000001","delta":1}],"reason":"x"}"""u8.ToArray(),
        },
        Malformed("an empty key").With(("Idempotency-Key", "")),
        Malformed("a key of 300 characters").With(("Idempotency-Key", new string('k', 300))),
        Malformed("two keys").With(("Idempotency-Key", "a"), ("Idempotency-Key", "b")),
        Malformed("a key twice").With(("Idempotency-Key", "a"), ("Idempotency-Key", "a")),
        Malformed("a key with a space").With(("Idempotency-Key", "two words")),
        Malformed("an empty actor").With(("Actor", "")),
        Malformed("an actor of 101 characters").With(("Actor", new string('a', 101))),
        Malformed("an actor with a space").With(("Actor", "two words")),
        Malformed("two actors").With(("Actor", "ann"), ("Actor", "ben")),
        Malformed("a wait for a product without a version").With(("Read-After", "019c2a5e-7f00-7000-8000-000000000001")).Get("/products"),
        Malformed("a wait for version 0").With(("Read-After", "019c2a5e-7f00-7000-8000-000000000001@0")).Get("/products"),
        Malformed("a wait for 101 products").With(("Read-After", string.Join(',', Enumerable.Range(1, 101).Select(n => $"019c2a5e-7f00-7000-8000-{n:D12}@1")))).Get("/products"),
        Malformed("an id of an event that is none").With(("Last-Event-ID", "x")).Get("/changes"),
        Malformed("a negative id of an event").With(("Last-Event-ID", "-1")).Get("/changes"),
        Malformed("an id of an event over 64 bits").With(("Last-Event-ID", "9223372036854775808")).Get("/changes"),
        Malformed("two ids of events").With(("Last-Event-ID", "1"), ("Last-Event-ID", "2")).Get("/changes"),
        Malformed("an id of a product's event that is none").With(("Last-Event-ID", "\"1\"")).Get($"/products/{Product}/changes"),
        Rename("a star", 200, null, ("If-Match", "*")),
        Rename("a list with it", 200, null, ("If-Match", "\"7\", \"1\"")),
        Rename("two lines with it", 200, null, ("If-Match", "\"7\""), ("If-Match", "\"1\"")),
    ];

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Is_understood_or_refused(string condition) => service.HoldAgainstAsync(Rows.Single(row => row.Name == condition));

    [Fact]
    public async Task A_key_of_another_request_is_refused()
    {
        await service.HoldAgainstAsync(Taken("first").With(("Idempotency-Key", "hostile-reused")));
        await service.HoldAgainstAsync(new HostileRequest("again, of another product", 422, "idempotency-key-reused").With(("Idempotency-Key", "hostile-reused")));
    }

    private static HostileRequest Rename(string name, int status, string? slug, params (string Name, string Value)[] headers) => new(name, status, slug)
    {
        Method = "PUT",
        Path = $"/products/{Product}/name",
        Headers = headers,
        Body = """{"name":"Widget"}"""u8.ToArray(),
        Events = status == 200 ? 1 : 0,
    };
}
