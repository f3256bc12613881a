using System.Text;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Http;

/// <summary>What cannot be meant is refused, with nothing written and nothing about .NET in the answer.</summary>
public sealed class MalformedRequestScenarios(Service service) : IClassFixture<Service>
{
    public static TheoryData<string, string> Bodies => new()
    {
        { "", "malformed-request" },
        { "null", "malformed-request" },
        { "[]", "malformed-request" },
        { "\"text\"", "malformed-request" },
        { """{"delta":-1,"reason":"x"}{}""", "malformed-request" },
        { """{"delta":-1,"reason":"x",}""", "malformed-request" },
        { """{"delta":-1,"reason":"x"/* */}""", "malformed-request" },
        { """{"delta":-1,"delta":-2,"reason":"x"}""", "malformed-request" },
        { """{"delta":-1,"Delta":-2,"reason":"x"}""", "malformed-request" },
        { """{"delta":-1,"reason":"x","onHand":5}""", "malformed-request" },
        { """{"delta":-1,"reason":"x","$type":"y"}""", "malformed-request" },
        { """{"reason":"x"}""", "malformed-request" },
        { """{"delta":null,"reason":"x"}""", "malformed-request" },
        { """{"delta":-1,"reason":null}""", "malformed-request" },
        { """{"delta":"-1","reason":"x"}""", "malformed-request" },
        { """{"delta":-1.0,"reason":"x"}""", "malformed-request" },
        { """{"delta":-1e2,"reason":"x"}""", "malformed-request" },
        { """{"delta":2147483648,"reason":"x"}""", "malformed-request" },
        { """{"delta":1e400,"reason":"x"}""", "malformed-request" },
        { """{"delta":NaN,"reason":"x"}""", "malformed-request" },
        { """{"delta":-01,"reason":"x"}""", "malformed-request" },
        { """{"delta":true,"reason":"x"}""", "malformed-request" },
        { """{"delta":-1,"reason":"\ud800"}""", "malformed-request" },
        { "{\"delta\":-1,\"reason\":\"a\nb\"}", "malformed-request" },
        { "{\"delta\":-1,\"reason\":" + new string('[', 1000), "malformed-request" },
        { "{\"delta\":-1,\"reason\":\"" + new string('x', 70_000) + "\"}", "body-too-large" },
        { """{"delta":0,"reason":"x"}""", "invalid-fields" },
        { """{"delta":-0,"reason":"x"}""", "invalid-fields" },
        { """{"delta":-2147483648,"reason":"x"}""", "invalid-fields" },
        { """{"delta":1000001,"reason":"x"}""", "invalid-fields" },
        { """{"delta":-1,"reason":""}""", "invalid-fields" },
        { """{"delta":-1,"reason":"\u200b\u2003"}""", "invalid-fields" },
        { """{"delta":-1,"reason":"a\u0000b"}""", "invalid-fields" },
        { """{"delta":-1,"reason":"a\r\nb"}""", "invalid-fields" },
        { """{"delta":-1,"reason":"a\u202eb"}""", "invalid-fields" },
        { "{\"delta\":-1,\"reason\":\"" + new string('x', 201) + "\"}", "invalid-fields" },
        { """{"delta":-1,"reason":"x","reference":"\u0007"}""", "invalid-fields" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_that_cannot_be_meant_is_refused(string body, string slug)
    {
        await RefusesAsync(Encoding.UTF8.GetBytes(body), "application/json", slug == "body-too-large" ? 413 : 400, slug);
    }

    public static TheoryData<string, byte[]> Bytes => new()
    {
        { "invalid UTF-8", [.. "{\"delta\":-1,\"reason\":\""u8, 0xFF, 0xFE, .. "\"}"u8] },
        { "an overlong encoding", [.. "{\"delta\":-1,\"reason\":\""u8, 0xC0, 0xAF, .. "\"}"u8] },
        { "UTF-16", Encoding.Unicode.GetBytes("""{"delta":-1,"reason":"x"}""") },
    };

    [Theory]
    [MemberData(nameof(Bytes))]
    public async Task Bytes_that_are_not_utf8_are_refused(string kind, byte[] body)
    {
        Assert.NotEmpty(kind);
        await RefusesAsync(body, "application/json", 400, "malformed-request");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/xml")]
    [InlineData("application/vnd.unknown+json")]
    [InlineData("application/json; charset=bogus")]
    [InlineData("application/json; charset=")]
    [InlineData("application/json; charset=utf-7")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; profile=x")]
    [InlineData("nonsense")]
    public async Task A_body_of_another_kind_is_refused(string? contentType) =>
        await RefusesAsync("""{"delta":-1,"reason":"x"}"""u8.ToArray(), contentType, 415, "unsupported-media-type");

    [Fact]
    public async Task A_compressed_body_is_refused() =>
        await RefusesAsync([0x1f, 0x8b], "application/json", 415, "unsupported-media-type", ("Content-Encoding", "gzip"));

    [Theory]
    [InlineData("Actor", "")]
    [InlineData("Actor", "two words")]
    [InlineData("Actor", "Zoë")]
    [InlineData("If-Match", "7")]
    [InlineData("Seen-Version", "0")]
    public async Task A_malformed_header_is_refused(string name, string value) =>
        await RefusesAsync("""{"delta":-1,"reason":"x"}"""u8.ToArray(), "application/json", 400, "malformed-request", (name, value));

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON; Charset=\"UTF-8\"")]
    public async Task Plain_json_is_taken(string contentType)
    {
        var id = await service.ProductAsync();

        var answer = await service.SendAsync(
            "POST", $"/products/{id}/adjustments", Encoding.UTF8.GetBytes("""{"delta":-1,"reason":"👩‍🔧 repair, ٣"}"""), contentType);

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task All_faulty_fields_are_named_at_once()
    {
        var answer = await service.PostAsync("/products", """{"sku":"bad sku","name":" ","initialQuantity":-1,"id":"00000000-0000-0000-0000-000000000000"}""");

        answer.IsProblem(400, "invalid-fields");
        Assert.Equal(["id", "initialQuantity", "name", "sku"], answer["errors"]!.AsObject().Select(e => e.Key));
    }

    private async Task RefusesAsync(byte[] body, string? contentType, int status, string slug, params (string, string)[] headers)
    {
        var id = await service.ProductAsync();

        var answer = await service.SendAsync("POST", $"/products/{id}/adjustments", body, contentType, headers);

        answer.IsProblem(status, slug);
        Assert.DoesNotContain("Inventory.", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", answer.Text, StringComparison.Ordinal);
        Assert.Equal([1L], (await service.FoldAsync(id)).Versions);
    }
}
