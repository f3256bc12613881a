using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using static Inventory.Tests.HostileInput.HostileRequest;

namespace Inventory.Tests.HostileInput;

/// <summary>Text that is no text, that is not what it looks like, or that means something elsewhere.</summary>
[Collection(nameof(ListeningService))]
public sealed class Texts(ListeningService service)
{
    private static readonly HostileRequest[] Rows =
    [
        Malformed("invalid UTF-8").With([.. "{\"delta\":-1,\"reason\":\""u8, 0xFF, 0xFE, .. "\"}"u8]),
        Malformed("invalid UTF-8 in a name").With([.. "{\"delta\":-1,\"reason\":\"x\",\""u8, 0xFF, 0xFE, .. "\":1}"u8]),
        Malformed("an overlong encoding").With([.. "{\"delta\":-1,\"reason\":\""u8, 0xC0, 0xAF, .. "\"}"u8]),
        Malformed("a surrogate pair in UTF-8").With([.. "{\"delta\":-1,\"reason\":\""u8, 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80, .. "\"}"u8]),
        Malformed("beyond Unicode").With([.. "{\"delta\":-1,\"reason\":\""u8, 0xF4, 0x90, 0x80, 0x80, .. "\"}"u8]),
        Malformed("half a character at the end").With([.. "{\"delta\":-1,\"reason\":\"x\"}"u8, 0xE2, 0x82]),
        Malformed("a byte order mark").With([0xEF, 0xBB, 0xBF, .. "{\"delta\":-1,\"reason\":\"x\"}"u8]),
        Malformed("UTF-16").With(Encoding.Unicode.GetBytes(Sale)),
        Malformed("UTF-16 with its mark").With([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Sale)]),
        Malformed("UTF-32").With(Encoding.UTF32.GetBytes(Sale)),
        Malformed("a line break as it is").With("{\"delta\":-1,\"reason\":\"a\nb\"}"),
        Malformed("NUL as it is").With("{\"delta\":-1,\"reason\":\"a\0b\"}"),
        Malformed("a control character as it is").With("{\"delta\":-1,\"reason\":\"a\u001bb\"}"),
        Malformed("half a surrogate pair").With("""{"delta":-1,"reason":"\ud800"}"""),
        Malformed("a surrogate pair the wrong way round").With("""{"delta":-1,"reason":"\udc00\ud800"}"""),
        Invalid("empty").With("""{"delta":-1,"reason":""}"""),
        Invalid("spaces").With("""{"delta":-1,"reason":"   "}"""),
        Invalid("characters without width").With("""{"delta":-1,"reason":"\u200b\u200d\ufeff"}"""),
        Invalid("an escaped NUL").With("""{"delta":-1,"reason":"a\u0000b"}"""),
        Invalid("a line break").With("""{"delta":-1,"reason":"sale\r\nERROR forged"}"""),
        Invalid("a line feed").With("""{"delta":-1,"reason":"a\nb"}"""),
        Invalid("a line separator").With("""{"delta":-1,"reason":"a\u2028b"}"""),
        Invalid("a next line").With("""{"delta":-1,"reason":"a\u0085b"}"""),
        Invalid("an escape sequence").With("""{"delta":-1,"reason":"\u001b[2Jx"}"""),
        Invalid("a turn of direction").With("""{"delta":-1,"reason":"a\u202eb"}"""),
        Invalid("an isolated turn of direction").With("""{"delta":-1,"reason":"a\u2067b"}"""),
        Invalid("a character that Unicode keeps free").With("""{"delta":-1,"reason":"a\ufffeb"}"""),
        Invalid("201 characters").With($$"""{"delta":-1,"reason":"{{new string('x', 201)}}"}"""),
        Invalid("10,000 characters").With($$"""{"delta":-1,"reason":"{{new string('x', 10_000)}}"}"""),
        Invalid("10,000 accents on one letter").With($$"""{"delta":-1,"reason":"e{{new string('\u0301', 10_000)}}"}"""),
        Invalid("a bell in the reference").With("""{"delta":-1,"reason":"x","reference":"\u0007"}"""),
        Invalid("a full-width SKU") with { Path = "/products", Body = """{"sku":"ＡＢＣ","name":"x","initialQuantity":1}"""u8.ToArray() },
        Invalid("a SKU with a Kelvin sign for a K") with { Path = "/products", Body = """{"sku":"\u212a1","name":"x","initialQuantity":1}"""u8.ToArray() },
        Invalid("a SKU with a line break behind it") with { Path = "/products", Body = """{"sku":"A\n","name":"x","initialQuantity":1}"""u8.ToArray() },
        Invalid("a SKU that is a path") with { Path = "/products", Body = """{"sku":"../A","name":"x","initialQuantity":1}"""u8.ToArray() },
        Malformed("a free character in a search").Get("/products?search=ab%EF%BF%BEcd"),
        Malformed("NUL in a search").Get("/products?search=a%00b"),
    ];

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Is_refused_and_nothing_happens(string text) => service.HoldAgainstAsync(Rows.Single(row => row.Name == text));

    [Theory]
    [InlineData("an emoji of several", "👩‍🔧 repair, ٣")]
    [InlineData("markup", "<script>alert(1)</script>")]
    [InlineData("a formula", "=HYPERLINK(\"http://example.org\",\"pay\")")]
    [InlineData("SQL", "x'; drop table mt_events; --")]
    [InlineData("a pattern", "%_\\%")]
    [InlineData("a template", "{0} ${x} {{y}} %s")]
    [InlineData("200 astral characters", "𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳")]
    [InlineData("right to left", "שלום")]
    public async Task Is_data_and_comes_back_as_it_was(string kind, string text)
    {
        Assert.NotEmpty(kind);
        var product = await service.ProductAsync(text);
        var row = Taken(kind).With(JsonSerializer.Serialize(new { delta = -1, reason = text, reference = text }));

        await service.HoldAgainstAsync(row with { Path = $"/products/{product}/adjustments" });

        var cancellation = TestContext.Current.CancellationToken;
        var shown = await service.Client.GetFromJsonAsync<JsonNode>($"/products/{product}", cancellation);
        Assert.Equal(text, shown!["name"]!.GetValue<string>());
        var history = await service.Client.GetFromJsonAsync<JsonNode>($"/products/{product}/history", cancellation);
        Assert.Equal((text, text), (history!["items"]![0]!["reason"]!.GetValue<string>(), history["items"]![0]!["reference"]!.GetValue<string>()));
        using var searched = await service.Client.GetAsync(new Uri($"/products?search={Uri.EscapeDataString(text)}", UriKind.Relative), cancellation);
        Assert.True(searched.IsSuccessStatusCode, await searched.Content.ReadAsStringAsync(cancellation));
    }

    [Fact]
    public async Task Two_spellings_of_one_text_are_one_text()
    {
        var product = await service.ProductAsync("Cafe\u0301");
        var shown = await service.Client.GetFromJsonAsync<JsonNode>($"/products/{product}", TestContext.Current.CancellationToken);
        Assert.Equal("Caf\u00e9", shown!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_a_spreadsheet_would_carry_out_is_exported_as_text()
    {
        var product = await service.ProductAsync("=1+2");

        var history = await service.Client.GetStringAsync(new Uri($"/products/{product}/history.csv", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains(",'=1+2,", history, StringComparison.Ordinal);
        Assert.DoesNotContain(",=", history, StringComparison.Ordinal);
    }
}
