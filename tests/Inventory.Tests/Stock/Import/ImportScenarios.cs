using System.Text;
using System.Text.Json.Nodes;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Hosting;
using Marten;
using Microsoft.AspNetCore.Http;

namespace Inventory.Tests.Stock;

public sealed class ImportScenarios(Service service) : IClassFixture<Service>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Products_are_created_named_and_received_and_every_line_answers_for_itself()
    {
        var answer = await ImportAsync(
            """
            sku,name,quantity,reason,reference
            I-1,Widgit,5,receipt,PO-1
            I-1,Widget,0,,
            i-1,,3,,PO-2
            I-2,,4,,
            I-2,Gadget,4,,
            I-3,Gizmo,,,
            no good,Gizmo,1,,
            I-3,,0,,
            """);

        Assert.Equal((200, $"/imports/{answer["id"]}"), (answer.Status, answer.Headers["Location"]));
        Assert.Equal(["done 8 8", "accepted 5", "refused 3", "replayed 0"], Counts(answer));
        Assert.Equal(
            [
                "5 I-2 No product has this SKU. Give it a name to create it.",
                $"8 no good sku: takes {Sku.Rule}.",
                "9 I-3 There is nothing to do: give a name, or a quantity other than 0.",
            ],
            Refused(answer));
        Assert.Equal(["I-1 Widget 8 v4", "I-2 Gadget 4 v2", "I-3 Gizmo 0 v1"], await ProductsAsync("I-1", "I-2", "I-3"));
        Assert.Equal(
            [new ProductCreated("I-1", "Widgit", 0), new StockAdjusted(5, "receipt", "PO-1"), new ProductRenamed("Widget", "Widgit"), new StockAdjusted(3, "receipt", "PO-2")],
            await EventsAsync("I-1"));
        var shown = await service.GetAsync(answer.Headers["Location"]);
        Assert.Equal((200, answer.Text), (shown.Status, shown.Text));
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing_and_is_another_import_from_somebody_else()
    {
        const string File = "sku,name,quantity\nAGAIN,Widget,5\nAGAIN,Gadget,2\n,,\n";
        var first = await ImportAsync(File, "ann");

        var again = await ImportAsync(File, "ann");
        Assert.Equal((200, first.Text), (again.Status, again.Text));
        Assert.Equal(["AGAIN Gadget 7 v4"], await ProductsAsync("AGAIN"));

        var other = await ImportAsync(File, "bob");
        Assert.NotEqual(first["id"]!.GetValue<string>(), other["id"]!.GetValue<string>());
        Assert.Equal(["AGAIN Gadget 14 v8"], await ProductsAsync("AGAIN"));
    }

    /// <summary>The worst moment: everything of a step is in the store, and that it is was not written down.</summary>
    [Fact]
    public async Task What_was_carried_out_before_it_was_broken_off_is_answered_again_and_not_done_again()
    {
        const string File =
            """
            sku,name,quantity
            BROKEN,,1
            BROKEN,Widgit,2
            BROKEN,Widgit,0
            BROKEN,Gadget,0
            BROKEN,Gadget,4
            BROKEN,Widget,8
            FULL,Full,1000000
            FULL,Filled,1
            bad sku,x,1
            """;
        var first = await ImportAsync(File);
        var id = first["id"]!.GetValue<string>();
        await service.AppendAsync(await IdAsync("BROKEN"), new ProductRenamed("Renamed since", "Widget"));
        await ExecuteAsync($"update inventory.imports set lines = 0, accepted = 0, refused = 0, ended_at = null where id = '{id}'");
        await ExecuteAsync($"delete from inventory.import_refusals where import_id = '{id}'");
        Assert.Equal("interrupted", (await service.GetAsync($"/imports/{id}"))["state"]!.GetValue<string>());

        var again = await ImportAsync(File);

        Assert.Equal(["done 9 9", "accepted 7", "refused 2", "replayed 8"], Counts(again));
        Assert.Equal(Refused(first), Refused(again));
        Assert.Equal(["BROKEN Renamed since 14 v7", "FULL Filled 1000001 v4"], await ProductsAsync("BROKEN", "FULL"));
    }

    [Fact]
    public async Task What_was_broken_off_too_long_ago_for_its_receipts_to_be_kept_is_not_guessed_at()
    {
        const string File = "sku,name\nLONG-AGO,Widget\n";
        var first = await ImportAsync(File);
        await ExecuteAsync($"update inventory.imports set lines = 0, ended_at = null, progressed_at = now() - interval '8 days' where id = '{first["id"]}'");

        var again = await ImportAsync(File);

        again.IsProblem(503, "import-interrupted");
        Assert.Contains("more than 7 days ago", again["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("interrupted", again["import"]!["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_import_that_was_begun_is_not_answered_as_if_nothing_had_been_written()
    {
        const string File = "sku,name,quantity\nBEGUN,Widget,5\n";
        HttpAnswer first;
        await ExecuteAsync("alter table inventory.import_refusals rename to away");
        try
        {
            first = await ImportAsync(File);
        }
        finally
        {
            await ExecuteAsync("alter table inventory.away rename to import_refusals");
        }

        first.IsProblem(503, "import-interrupted");
        Assert.Equal(["BEGUN Widget 5 v2"], await ProductsAsync("BEGUN"));
        Assert.Equal(["done 1 1", "accepted 1", "refused 0", "replayed 1"], Counts(await ImportAsync(File)));
        Assert.Equal(["BEGUN Widget 5 v2"], await ProductsAsync("BEGUN"));
    }

    [Fact]
    public async Task A_line_is_refused_by_the_rules_of_its_commands_and_the_others_go_on()
    {
        await ImportAsync("sku,name,quantity\nRULES,Rules,1000000\nGONE,Gone,1\n");
        await FillAsync("RULES");
        await service.AppendAsync(await IdAsync("GONE"), new ProductDiscontinued(null));

        var answer = await ImportAsync("sku,name,quantity\nRULES,Ruled,1\nGONE,Went,1\nGONE,,1\nRULES,,0\nGONE,Gone,0\n");

        Assert.Equal(
            [
                "2 RULES 1000000000 units are on hand; 1 more would exceed 1000000000. Check the quantity.",
                "3 GONE The product is discontinued, so it takes no further changes. Reinstate it first if that was a mistake.",
                "4 GONE The product is discontinued, so it takes no further changes. Reinstate it first if that was a mistake.",
                "5 RULES There is nothing to do: give a name, or a quantity other than 0.",
            ],
            Refused(answer));
        Assert.Equal(["GONE Gone 1 v3", "RULES Ruled 1000000000 v4"], await ProductsAsync("GONE", "RULES"));
    }

    [Fact]
    public async Task A_rename_that_somebody_else_was_faster_with_is_told()
    {
        await ImportAsync("sku,name\nRACED,Widgit\n");
        var id = await IdAsync("RACED");
        service.Race.Stage(() => service.AppendAsync(id, new ProductRenamed("Gadget", "Widgit"), "bob"));

        var answer = await ImportAsync("sku,name,quantity\nRACED,Widget,5\n");

        Assert.Equal(
            ["2 RACED Somebody changed the product in the meantime: “Widgit” → “Gadget” by bob. Look at it, and rename it if that is still wanted."],
            Refused(answer));
        Assert.Equal(["RACED Gadget 0 v2"], await ProductsAsync("RACED"));
    }

    [Fact]
    public async Task Invoices_sell_and_take_back_and_their_descriptions_are_no_renames()
    {
        await ImportAsync("sku,name,quantity\nINV-1,Lantern,10\n");

        var answer = await ImportAsync(
            """
            InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
            536365,INV-1,wet?,6,12-01-2010 08:26,2.55,17850,United Kingdom
            C536379,inv-1,Lantern,-3,12-01-2010 09:41,2.55,17850,United Kingdom
            536366,INV-1,"LANTERN, ""WHITE"" ",8,12-01-2010 08:28,2.55,17850,United Kingdom
            C536380,INV-2,,-2,12-01-2010 09:42,2.55,17850,United Kingdom
            C536381,INV-2,METAL HEART,-2,12-01-2010 09:43,2.55,17850,United Kingdom
            536382,INV-2,METAL HEART,0,12-01-2010 09:43,2.55,17850,United Kingdom
            536383,BANK CHARGES,Bank charges,1,12-01-2010 09:43,15,,United Kingdom
            """);

        Assert.Equal(
            [
                "4 INV-1 8 units were requested and 7 are available. Ask for fewer, or receive stock first.",
                "7 INV-2 the quantity “0” is not a number of units an adjustment can have",
                $"8 BANK CHARGES the SKU is not allowed: {Sku.Rule}",
            ],
            Refused(answer));
        Assert.Equal(["INV-1 Lantern 7 v4", "INV-2 METAL HEART 4 v4"], await ProductsAsync("INV-1", "INV-2"));
        Assert.Equal(new StockAdjusted(-6, "sale", "536365"), (await EventsAsync("INV-1"))[2]);
        Assert.Equal(new StockAdjusted(3, "return", "C536379"), (await EventsAsync("INV-1"))[3]);
    }

    [Fact]
    public async Task An_import_need_not_be_waited_for()
    {
        var answer = await ImportAsync("sku,name\nASYNC,Widget\n", headers: ("Prefer", "respond-async"));

        Assert.True(answer.Status is 200 or 202, answer.Text);
        HttpAnswer shown;
        while ((shown = await service.GetAsync(answer.Headers["Location"]))["state"]!.GetValue<string>() != "done")
        {
            Assert.Equal("running", shown["state"]!.GetValue<string>());
            await Task.Delay(5, Cancellation);
        }

        Assert.Equal(["done 1 1", "accepted 1", "refused 0", "replayed 0"], Counts(shown));
    }

    [Fact]
    public async Task More_refused_lines_than_are_listed_are_counted()
    {
        var answer = await ImportAsync("sku,quantity\n" + string.Concat(Enumerable.Range(0, ImportLimits.ImportRefusedListedMax + 7).Select(_ => "?,1\n")));

        Assert.Equal((1_007, 7), (answer["refused"]!.GetValue<int>(), answer["refusedOmitted"]!.GetValue<int>()));
        Assert.Equal((1_000, 1_001), (answer["refusedLines"]!.AsArray().Count, answer["refusedLines"]![999]!["line"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused_also_when_it_does_not_say_how_large_it_is()
    {
        var file = new byte[ImportLimits.ImportBytesMax + 1];

        (await SendAsync(file, file.Length)).IsProblem(413, "body-too-large");
        (await SendAsync(file, null)).IsProblem(413, "body-too-large");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    [InlineData("text/csv; charset=bogus")]
    [InlineData("text/csv; charset=utf-7")]
    public async Task Another_kind_of_body_is_refused(string? type) =>
        (await service.SendAsync("POST", "/imports", "sku,name\nKIND,Widget\n"u8.ToArray(), type)).IsProblem(415, "unsupported-media-type");

    [Theory]
    [InlineData("/imports/019c2a5e-7f00-7000-8000-00000000dead")]
    [InlineData("/imports/7")]
    public async Task An_import_that_is_not_there_is_a_problem(string path) => (await service.GetAsync(path)).IsProblem(404, "import-not-found");

    private static string[] Counts(HttpAnswer answer) =>
    [
        $"{answer["state"]} {answer["linesTotal"]} {answer["lines"]}", $"accepted {answer["accepted"]}", $"refused {answer["refused"]}", $"replayed {answer["replayed"]}",
    ];

    private static IEnumerable<string> Refused(HttpAnswer answer) => answer["refusedLines"]!.AsArray().Select(line => $"{line!["line"]} {line["sku"]} {line["reason"]}");

    private Task<HttpAnswer> ImportAsync(string file, string actor = "ann", params (string, string)[] headers) =>
        service.SendAsync("POST", "/imports", Encoding.UTF8.GetBytes(file), "text/csv", [("Actor", actor), .. headers]);

    private async Task<HttpAnswer> SendAsync(byte[] body, long? length)
    {
        var result = await service.Host.Scenario(scenario =>
        {
            scenario.ConfigureHttpContext(http =>
            {
                (http.Request.Method, http.Request.Path, http.Request.ContentType) = ("POST", "/imports", "text/csv");
                (http.Request.Body, http.Request.ContentLength) = (new MemoryStream(body), length);
            });
            scenario.IgnoreStatusCode();
        });
        return new HttpAnswer(
            result.Context.Response.StatusCode,
            result.Context.Response.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await result.ReadAsTextAsync());
    }

    /// <summary>Fills a product that has a million units to the brim.</summary>
    private async Task FillAsync(string sku)
    {
        var id = await IdAsync(sku);
        await service.AppendAsync(id, new StockAdjusted(ProductLimits.QuantityUnitsMax - 1_000_000, "receipt", null));
    }

    private async Task<Guid> IdAsync(string sku) => Guid.Parse((await service.GetAsync($"/products/sku:{sku}"))["id"]!.GetValue<string>());

    private async Task<List<string>> ProductsAsync(params string[] skus)
    {
        var found = new List<string>();
        foreach (var sku in skus)
        {
            JsonNode product = (await service.GetAsync($"/products/sku:{sku}")).Json;
            found.Add($"{product["sku"]} {product["name"]} {product["onHand"]} v{product["version"]}");
        }

        return found;
    }

    private async Task<List<object>> EventsAsync(string sku)
    {
        var id = await IdAsync(sku);
        await using var session = service.Store.QuerySession();
        return [.. (await session.Events.FetchStreamAsync(id, token: Cancellation)).Select(e => e.Data)];
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var session = service.Store.LightweightSession();
        session.QueueSqlCommand(sql);
        await session.SaveChangesAsync(Cancellation);
    }
}
