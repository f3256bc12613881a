using System.Text;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Stock;

/// <summary>How files are written: encodings, quotes, blank lines, and what is no CSV.</summary>
public sealed class ImportedTextScenarios(Service service) : IClassFixture<Service>
{
    public static TheoryData<string, string, byte[]> Encodings => new()
    {
        { "utf-8", "text/csv", Encoding.UTF8.GetBytes(Named("utf-8")) },
        { "utf-8-mark", "text/csv; charset=\"UTF-8\"", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Named("utf-8-mark"))] },
        { "utf-16-le", "text/csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Named("utf-16-le"))] },
        { "utf-16-be", "text/csv; charset=utf-16", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Named("utf-16-be"))] },
        { "utf-16-unmarked", "text/csv; charset=utf-16", Encoding.BigEndianUnicode.GetBytes(Named("utf-16-unmarked")) },
        { "windows-1252", "text/csv; charset=windows-1252", Encoding.Latin1.GetBytes(Named("windows-1252")) },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Names_arrive_as_they_were_written_in_whatever_encoding(string sku, string type, byte[] file)
    {
        var answer = await service.SendAsync("POST", "/imports", file, type);

        Assert.Equal((200, 1), (answer.Status, answer["accepted"]!.GetValue<int>()));
        Assert.Equal("Café ½ ÿ", (await service.GetAsync($"/products/sku:{sku}"))["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Quotes_blank_lines_and_columns_in_any_order_are_read_and_lines_are_counted_as_an_editor_does()
    {
        var answer = await ImportAsync("Quantity , NAME,sku,Reference\r\n\r\n3,\"Widget, \"\"large\"\"\",Q-1,\r\n,,,\r\n1,\"two\r\nlines\",Q-2,\r\n2,\"12\"\" RULER\",Q-3,'=1+1\r\nx,Last,Q-4,");

        Assert.Equal(["5 Q-2 name: contains U+000D, a control character; one plain line of text is allowed.", "8 Q-4 quantity: takes the units received, 0 to 1000000; it was “x”."], Refused(answer));
        Assert.Equal(4, answer["linesTotal"]!.GetValue<int>());
        Assert.Equal("Widget, \"large\"", (await service.GetAsync("/products/sku:Q-1"))["name"]!.GetValue<string>());
        Assert.Equal("12\" RULER", (await service.GetAsync("/products/sku:Q-3"))["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Inches_are_read_as_spreadsheets_read_them()
    {
        var answer = await ImportAsync("sku,name\nINCH-1,RECORD FRAME 7\" SINGLE SIZE\nINCH-2,CHARLIE+LOLA\"EXTREMELY BUSY\" SIGN\n");

        Assert.Equal([], Refused(answer));
        Assert.Equal("RECORD FRAME 7\" SINGLE SIZE", (await service.GetAsync("/products/sku:INCH-1"))["name"]!.GetValue<string>());
        Assert.Equal("CHARLIE+LOLA\"EXTREMELY BUSY\" SIGN", (await service.GetAsync("/products/sku:INCH-2"))["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1000001")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData(" 1")]
    [InlineData("99999999999999999999")]
    [InlineData("١")]
    public async Task A_quantity_that_is_none_refuses_its_line_only(string quantity)
    {
        var answer = await ImportAsync($"sku,name,quantity\nNUM-1,Widget,{quantity}\nNUM-2,Widget,1\n");

        Assert.Equal([$"2 NUM-1 quantity: takes the units received, 0 to 1000000; it was “{quantity}”."], Refused(answer));
        (await service.GetAsync("/products/sku:NUM-1")).IsProblem(404, "product-not-found");
    }

    [Fact]
    public async Task Fields_that_are_too_long_and_lines_with_another_number_of_fields_are_refused()
    {
        var answer = await ImportAsync($"sku,name,reason\nLONG-1,{new string('x', 201)},\nLONG-2,Widget\nLONG-3,Widget,a,b\n{new string('y', 1_000)},Widget,\nLONG-4,Widget,\0\n");

        Assert.Equal(
            [
                "2 LONG-1 name: takes at most 200 characters; it has 201.", "3  The line has 2 fields, the header 3.", "4  The line has 4 fields, the header 3.",
                $"5 {new string('y', 300)}… sku: takes 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-', starting with a letter or a digit.", "6 LONG-4 reason: must not be blank.",
            ],
            Refused(answer));
    }

    public static TheoryData<string, byte[], int> Unreadable => new()
    {
        { "nothing", [], 1 },
        { "no known column", "a,b\n1,2\n"u8.ToArray(), 1 },
        { "an unknown column", "sku,name,quantitty\nUN,Widget,1\n"u8.ToArray(), 1 },
        { "no sku", "name,quantity\nWidget,1\n"u8.ToArray(), 1 },
        { "nothing to do", "sku,reason\nUN,Widget\n"u8.ToArray(), 1 },
        { "a column twice", "sku,name,Name\nUN,Widget,Widget\n"u8.ToArray(), 1 },
        { "half of an invoice", "InvoiceNo,StockCode,Quantity\n1,UN,1\n"u8.ToArray(), 1 },
        { "semicolons", "sku;name\nUN;Widget\n"u8.ToArray(), 1 },
        { "windows-1252 that says nothing", [.. "sku,name\nUN,Widget\nUN-2,Caf"u8, 0xE9, .. "\nUN-3,Widget\n"u8], 3 },
        { "a quote that never ends", "sku,name\nUN,Widget\nUN-2,\"Widget\nUN-3,Widget\n"u8.ToArray(), 3 },
        { "text after a quote", "sku,name\nUN,Widget\nUN-2,\"Widget\" x\n"u8.ToArray(), 3 },
        { "a quote that never ends after inches", "sku,name\nUN,12\" ruler\nUN-2,\"Widget\nUN-3,Widget\n"u8.ToArray(), 3 },
        { "a line without an end", [.. "sku,name\nUN,Widget\nUN-2,\""u8, .. Enumerable.Repeat((byte)'x', 200_000)], 3 },
        { "half of UTF-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("sku,name\nUN,Widget\n"), 0x00, 0xD8], 3 },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task A_file_that_cannot_be_meant_is_refused_as_a_whole_with_the_line(string what, byte[] file, int line)
    {
        var answer = await service.SendAsync("POST", "/imports", file, "text/csv");

        answer.IsProblem(400, "malformed-request");
        Assert.True(line == answer["line"]!.GetValue<int>(), $"{what}: {answer.Text}");
        (await service.GetAsync("/products/sku:UN")).IsProblem(404, "product-not-found");
    }

    private static string Named(string sku) => $"sku,name\r\n{sku},Café ½ ÿ\r\n";

    private static IEnumerable<string> Refused(HttpAnswer answer) => answer["refusedLines"]!.AsArray().Select(line => $"{line!["line"]} {line["sku"]} {line["reason"]}");

    private Task<HttpAnswer> ImportAsync(string file) => service.SendAsync("POST", "/imports", Encoding.UTF8.GetBytes(file), "text/csv");
}
