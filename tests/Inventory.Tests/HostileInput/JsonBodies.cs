using Inventory.Tests.Hosting;
using static Inventory.Tests.HostileInput.HostileRequest;

namespace Inventory.Tests.HostileInput;

/// <summary>Bodies that are no JSON, not this route's JSON, or JSON that could be read in two ways (RFC 8259).</summary>
[Collection(nameof(ListeningService))]
public sealed class JsonBodies(ListeningService service)
{
    private static readonly HostileRequest[] Rows =
    [
        Malformed("empty").With(""),
        Malformed("blank").With(" \n\t"),
        Malformed("null").With("null"),
        Malformed("an array").With("[]"),
        Malformed("a string").With("\"text\""),
        Malformed("a number").With("7"),
        Malformed("truncated").With("""{"delta":-1,"reas"""),
        Malformed("truncated after a member").With("""{"delta":-1,"reason":"x" """),
        Malformed("two documents").With("""{"delta":-1,"reason":"x"}{}"""),
        Malformed("text behind the document").With("""{"delta":-1,"reason":"x"} x"""),
        Malformed("a trailing comma").With("""{"delta":-1,"reason":"x",}"""),
        Malformed("a comment").With("""{"delta":-1,"reason":"x"/* */}"""),
        Malformed("a line comment").With("{\"delta\":-1,\"reason\":\"x\"} // x"),
        Malformed("single quotes").With("{'delta':-1,'reason':'x'}"),
        Malformed("a duplicate member").With("""{"delta":-1,"delta":-2,"reason":"x"}"""),
        Malformed("a duplicate member, spelled with an escape").With("""{"delta":-1,"d\u0065lta":-2,"reason":"x"}"""),
        Malformed("a duplicate in another case").With("""{"delta":-1,"Delta":-2,"reason":"x"}"""),
        Malformed("members in another case").With("""{"Delta":-1,"Reason":"x"}"""),
        Malformed("a result as input").With("""{"delta":-1,"reason":"x","onHand":5}"""),
        Malformed("a version as input").With("""{"delta":-1,"reason":"x","version":1}"""),
        Malformed("a product id as input").With("""{"delta":-1,"reason":"x","productId":"019c2a5e-7f00-7000-8000-000000000001"}"""),
        Malformed("$type").With("""{"delta":-1,"reason":"x","$type":"System.IO.FileInfo"}"""),
        Malformed("$ref").With("""{"delta":-1,"reason":"x","$ref":"1"}"""),
        Malformed("__proto__").With("""{"delta":-1,"reason":"x","__proto__":{"onHand":5}}"""),
        Malformed("a member without a name").With("""{"delta":-1,"reason":"x","":1}"""),
        Malformed("a member named by half a surrogate pair").With("""{"delta":-1,"reason":"x","\ud800":1}"""),
        Malformed("two members named by half a surrogate pair").With("""{"\ud800":1,"\ud800":1}"""),
        Malformed("a missing member").With("""{"reason":"x"}"""),
        Malformed("all members missing").With("{}"),
        Malformed("null for a number").With("""{"delta":null,"reason":"x"}"""),
        Malformed("null for a text").With("""{"delta":-1,"reason":null}"""),
        Malformed("an object for a text").With("""{"delta":-1,"reason":{}}"""),
        Malformed("a number for a text").With("""{"delta":-1,"reason":1}"""),
        Malformed("an array for a number").With("""{"delta":[-1],"reason":"x"}"""),
        Malformed("a number in quotes").With("""{"delta":"-1","reason":"x"}"""),
        Malformed("1.0").With("""{"delta":-1.0,"reason":"x"}"""),
        Malformed("1e2").With("""{"delta":-1e2,"reason":"x"}"""),
        Malformed("1.5").With("""{"delta":-1.5,"reason":"x"}"""),
        Malformed("over 32 bits").With("""{"delta":2147483648,"reason":"x"}"""),
        Malformed("under 32 bits").With("""{"delta":-2147483649,"reason":"x"}"""),
        Malformed("over 64 bits").With("""{"delta":9223372036854775808,"reason":"x"}"""),
        Malformed("1e400").With("""{"delta":1e400,"reason":"x"}"""),
        Malformed("a number of 10,000 digits").With($$"""{"delta":{{new string('9', 10_000)}},"reason":"x"}"""),
        Malformed("NaN").With("""{"delta":NaN,"reason":"x"}"""),
        Malformed("\"NaN\"").With("""{"delta":"NaN","reason":"x"}"""),
        Malformed("Infinity").With("""{"delta":-Infinity,"reason":"x"}"""),
        Malformed("a leading zero").With("""{"delta":-01,"reason":"x"}"""),
        Malformed("a plus sign").With("""{"delta":+1,"reason":"x"}"""),
        Malformed("hexadecimal").With("""{"delta":0x10,"reason":"x"}"""),
        Malformed("a boolean").With("""{"delta":true,"reason":"x"}"""),
        Malformed("1,000 deep").With($$"""{"delta":-1,"reason":{{new string('[', 1_000)}}{{new string(']', 1_000)}}}"""),
        Malformed("30,000 deep").With($$"""{"delta":-1,"reason":{{new string('[', 30_000)}}{{new string(']', 30_000)}}}"""),
        Malformed("30,000 deep in an unknown member").With($$"""{"delta":-1,"x":{{new string('[', 30_000)}}"""),
        Malformed("10,000 members").With($$"""{{{string.Join(',', Enumerable.Range(0, 6_000).Select(n => $"\"{n}\":1"))}}}"""),
        Invalid("0").With("""{"delta":0,"reason":"x"}"""),
        Invalid("-0").With("""{"delta":-0,"reason":"x"}"""),
        Invalid("the least integer").With("""{"delta":-2147483648,"reason":"x"}"""),
        Invalid("one more than the limit").With("""{"delta":1000001,"reason":"x"}"""),
        new("over the limit of a body", 413, "body-too-large") { Body = System.Text.Encoding.UTF8.GetBytes($$"""{"delta":-1,"reason":"{{new string('x', 70_000)}}"}""") },
        Malformed("an unknown choice") with { Method = "PUT", Path = $"/products/{Product}/quantity", Body = """{"counted":1,"onConflict":"always"}"""u8.ToArray() },
        Malformed("a choice by its number") with { Method = "PUT", Path = $"/products/{Product}/quantity", Body = """{"counted":1,"onConflict":1}"""u8.ToArray() },
        Malformed("an id that is none") with { Path = "/products", Body = """{"sku":"HOSTILE","name":"x","initialQuantity":1,"id":"1"}"""u8.ToArray() },
        Invalid("the nil id") with { Path = "/products", Body = """{"sku":"HOSTILE","name":"x","initialQuantity":1,"id":"00000000-0000-0000-0000-000000000000"}"""u8.ToArray() },
        Invalid("a negative quantity") with { Path = "/products", Body = """{"sku":"HOSTILE","name":"x","initialQuantity":-1}"""u8.ToArray() },
        Malformed("null for the lines of an order") with { Path = "/adjustments", Body = """{"lines":null,"reason":"x"}"""u8.ToArray() },
        Invalid("null for a line of an order") with { Path = "/adjustments", Body = """{"lines":[null],"reason":"x"}"""u8.ToArray() },
        Invalid("no lines of an order") with { Path = "/adjustments", Body = """{"lines":[],"reason":"x"}"""u8.ToArray() },
        Invalid("more lines of an order than allowed") with
        {
            Path = "/adjustments",
            Body = System.Text.Encoding.UTF8.GetBytes(
                $$"""{"lines":[{{string.Join(',', Enumerable.Repeat("""{"productId":"019c2a5e-7f00-7000-8000-000000000001","delta":1}""", 1_001))}}],"reason":"x"}"""),
        },
    ];

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Is_refused_and_nothing_happens(string body) => service.HoldAgainstAsync(Rows.Single(row => row.Name == body));

    [Fact]
    public async Task All_faulty_fields_are_named_at_once()
    {
        var answer = await service.HoldAgainstAsync(Invalid("four faults") with
        {
            Path = "/products",
            Body = """{"sku":"bad sku","name":" ","initialQuantity":-1,"id":"00000000-0000-0000-0000-000000000000"}"""u8.ToArray(),
        });

        Assert.Equal(["id", "initialQuantity", "name", "sku"], answer!["errors"]!.AsObject().Select(e => e.Key));
    }
}
