using System.Text;
using static Inventory.Tests.HostileInput.HostileRequest;

namespace Inventory.Tests.HostileInput;

/// <summary>Paths and queries that lead nowhere, or somewhere else.</summary>
[Collection(nameof(ListeningService))]
public sealed class Addresses(ListeningService service)
{
    private const string Unknown = "019c2a5e-7f00-7000-8000-000000000001";

    private static readonly HostileRequest[] Rows =
    [
        Malformed("a word for an id").Get("/products/widget"),
        Malformed("the nil id").Get("/products/00000000-0000-0000-0000-000000000000"),
        Malformed("an id in braces").Get($"/products/{{{Unknown}}}"),
        Malformed("an id in parentheses").Get($"/products/({Unknown})"),
        Malformed("an id without hyphens").Get($"/products/{Unknown.Replace("-", "", StringComparison.Ordinal)}"),
        Malformed("an id cut short").Get($"/products/{Unknown[..^1]}"),
        Malformed("an id with a space behind it").Get($"/products/{Unknown}%20"),
        Malformed("an id with a plus sign").Get($"/products/+{Unknown[1..]}"),
        Malformed("an id with 0x in front").Get($"/products/0x{Unknown[2..]}"),
        Malformed("an id as a hexadecimal list").Get("/products/{0x019c2a5e,0x7f00,0x7000,{0x80,0x00,0x00,0x00,0x00,0x00,0x00,0x01}}"),
        Malformed("no SKU").Get("/products/sku:"),
        Malformed("a SKU with a slash").Get("/products/sku:a%2Fb"),
        Malformed("a SKU with a pattern").Get("/products/sku:%25"),
        Malformed("a SKU of 65 characters").Get($"/products/sku:{new string('a', 65)}"),
        Malformed("another prefix").Get("/products/SKU:W-1"),
        Malformed("a wrong id for a command").With(Sale) with { Path = "/products/widget/adjustments" },
        Malformed("an encoded slash").Get("/products/..%2F..%2Fetc%2Fpasswd"),
        Malformed("a slash encoded twice").Get("/products/..%252F..%252Fetc"),
        Malformed("a backslash").Get(@"/products/..\..\etc"),
        Malformed("a path that is no UTF-8").Get("/products/%FF%FE"),
        Malformed("an overlong dot").Get("/products/%C0%AE%C0%AE"),
        Malformed("half an escape").Get("/products/%4"),
        Malformed("a semicolon").Get($"/products/{Unknown};x=y"),
        Malformed("markup").Get("/products/<script>"),
        Malformed("SQL").Get("/products/1'%20or%20'1'='1"),
        Unheard("an encoded NUL").Get("/products/%00"),
        new HostileRequest("an empty id", 404, "not-found").Get("/products//"),
        new HostileRequest("an empty id before a command", 404, "not-found").With(Sale) with { Path = "/products//adjustments" },
        new HostileRequest("a traversal", 404, "not-found").Get("/products/../../etc/passwd"),
        new HostileRequest("an encoded traversal", 404, "not-found").Get("/products/%2e%2e/%2e%2e/etc/passwd"),
        new HostileRequest("a file of the service", 404, "not-found").Get("/appsettings.json"),
        new HostileRequest("a fragment", 404, "not-found").Get("/products#x"),
        new HostileRequest("an unknown problem", 404, "not-found").Get("/problems/<script>alert(1)<%2Fscript>"),
        new HostileRequest("an unknown product", 404, "product-not-found").Get($"/products/{Unknown}"),
        new HostileRequest("an unknown product in capitals", 404, "product-not-found").Get($"/products/{Unknown.ToUpperInvariant()}"),
        new HostileRequest("an unknown product for a command", 404, "product-not-found").With(Sale) with { Path = $"/products/{Unknown}/adjustments" },
        new HostileRequest("an unknown import", 404, "import-not-found").Get("/imports/x"),
        Invalid("a word for a reservation").Get("/reservations/x"),
        Invalid("a word for a reservation in a command") with { Path = $"/products/{Product}/reservations/x/release", Body = "{}"u8.ToArray() },
        new HostileRequest("an unknown reservation", 404, "reservation-not-found").Get($"/reservations/{Unknown}"),
        Unheard("10 KB", 414).Get($"/products/{new string('a', 10_240)}"),
        Malformed("7 KB").Get($"/products/{new string('a', 7_168)}"),
        Malformed("a limit of 0").Get("/products?limit=0"),
        Malformed("a negative limit").Get("/products?limit=-1"),
        Malformed("a limit over the limit").Get("/products?limit=201"),
        Malformed("a limit over 32 bits").Get("/products?limit=4294967297"),
        Malformed("an empty limit").Get("/products?limit="),
        Malformed("a limit in other digits").Get("/products?limit=%D9%A3"),
        Malformed("a limit twice").Get("/products?limit=1&limit=2"),
        Malformed("a limit as a list").Get("/products?limit=1,2"),
        Malformed("an empty search").Get("/products?search="),
        Malformed("a search of 101 characters").Get($"/products?search={new string('a', 101)}"),
        Malformed("two searches").Get("/products?search=a&search=b"),
        Malformed("an unknown order").Get("/products?sort=on_hand;drop"),
        Malformed("a flag that is a number").Get("/products?lowStock=1"),
        Malformed("a cursor that is none").Get("/products?cursor=x"),
        Malformed("a cursor of another list").Get($"/products?cursor={Cursor($"name|{Unknown}|x")}"),
        Malformed("a cursor with NUL").Get($"/products?cursor={Cursor($"sku|{Unknown}|a\0b")}"),
        Malformed("a cursor without an id").Get($"/products?cursor={Cursor("sku|x|x")}"),
        Malformed("a cursor whose number is too large").Get($"/products?sort=available&cursor={Cursor($"available|{Unknown}|9999999999")}"),
        Malformed("a cursor of a low stock list that is none").Get("/stock/low?cursor=***"),
        Malformed("a cursor of a history that is none").Get($"/products/{Product}/history?cursor=x"),
        Malformed("a cursor of a history over 64 bits").Get($"/products/{Product}/history?cursor=99999999999999999999"),
        Malformed("a cursor of reservations that is none").Get($"/products/{Product}/reservations?cursor=1"),
        Malformed("version 0").Get($"/products/{Product}?version=0"),
        Malformed("a version over 64 bits").Get($"/products/{Product}?version=9223372036854775808"),
        Malformed("a version and a time").Get($"/products/{Product}?version=1&at=2026-01-02T03:04:05Z"),
        Malformed("a time without an offset").Get($"/products/{Product}?at=2026-01-02T03:04:05"),
        Malformed("a day that is none").Get($"/products/{Product}?at=2026-02-30T03:04:05Z"),
        Malformed("the year 0").Get($"/products/{Product}?at=0000-01-01T00:00:00Z"),
        Malformed("a time before time").Get($"/products/{Product}?at=0001-01-01T00:00:00%2B14:00"),
        new HostileRequest("the first moment", 404, "version-not-found").Get($"/products/{Product}?at=0001-01-01T00:00:00Z"),
        new HostileRequest("a time in another zone", 404, "version-not-found").Get($"/products/{Product}?at=1999-01-01T00:00:00%2B02:00"),
        new HostileRequest("the last version there can be", 404, "version-not-found").Get($"/products/{Product}?version=9223372036854775807"),
        Malformed("days before days").Get("/stock/movements?to=0001-01-01"),
        Malformed("367 days").Get("/stock/movements?from=2025-01-01&to=2026-01-02"),
        Malformed("days the wrong way round").Get("/stock/movements?from=2026-01-02&to=2026-01-01"),
        Malformed("0 hours").Get("/conflicts?hours=0"),
        Unharmed("the last moment").Get($"/products/{Product}?at=9999-12-31T23:59:59Z"),
        Unharmed("the last day").Get("/stock/movements?to=9999-12-31"),
        Unharmed("the first day that is taken").Get("/stock/movements?to=0002-01-01"),
        Unharmed("a forged cursor of the right form").Get($"/products?cursor={Cursor($"sku|{Unknown}|'; drop table x; --")}"),
        Unharmed("a cursor whose text is no text").Get($"/products?cursor={Cursor([.. "sku|"u8, .. Encoding.ASCII.GetBytes(Unknown), .. "|"u8, 0xFF, 0xED, 0xA0, 0x80])}"),
        Unharmed("a cursor behind everything").Get($"/products/{Product}/history?cursor=9223372036854775807"),
        Unharmed("parameters that nobody knows").Get("/products?x=1&__proto__=2&limit[]=3"),
    ];

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Leads_nowhere_and_nothing_happens(string address) => service.HoldAgainstAsync(Rows.Single(row => row.Name == address));

    private static HostileRequest Unharmed(string name) => new(name, 200, null);

    private static string Cursor(string text) => Cursor(Encoding.UTF8.GetBytes(text));

    private static string Cursor(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
