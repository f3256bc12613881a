using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using CsvHelper;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Npgsql;

namespace Inventory.Tests.Processes;

/// <summary>
/// Ten thousand lines of invoices: those of the file that the environment variable <c>INVENTORY_RETAIL_FILE</c> names (such as the
/// data set "Online Retail" of the UCI Machine Learning Repository), else made ones that have what those have.
/// </summary>
public sealed class KilledImport(DatabaseServer server)
{
    private const int Lines = 10_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_whose_service_is_killed_under_it_is_sent_again_and_every_line_has_counted_once()
    {
        var invoices = Invoices();
        var database = await server.CreateDatabaseAsync("test_killed_import");
        JsonObject interrupted;
        string again;
        await using (var service = await ServiceProcess.StartAsync(database))
        {
            var delivered = await ImportAsync(service, Delivery(invoices));
            Assert.Equal((delivered["linesTotal"]!.GetValue<int>(), 0), (delivered["accepted"]!.GetValue<int>(), delivered["refused"]!.GetValue<int>()));
            var before = await CountAsync(database, "select count(*) from inventory.receipts");
            var sending = ImportAsync(service, invoices);
            // Well into the second of the steps after which progress is written.
            while (await CountAsync(database, "select count(*) from inventory.receipts") < before + 6_000)
            {
                await Task.Delay(5, Cancellation);
            }

            await service.KillAsync();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
        }

        await using (var service = await ServiceProcess.StartAsync(database))
        {
            var id = await TextAsync(database, "select id::text from inventory.imports where ended_at is null");
            interrupted = (await service.Client.GetFromJsonAsync<JsonObject>($"/imports/{id}", Cancellation))!;
            var ended = await ImportAsync(service, invoices);
            again = (await ImportAsync(service, invoices)).ToJsonString();
            Assert.Equal(ended.ToJsonString(), again);

            Assert.Equal(("interrupted", id), (interrupted["state"]!.GetValue<string>(), interrupted["id"]!.GetValue<string>()));
            Assert.InRange(interrupted["lines"]!.GetValue<int>(), 1, Lines - 1);
            Assert.InRange(ended["replayed"]!.GetValue<int>(), 1, Lines);
            await IsWhatTheFileSaysAsync(ended, invoices, database);
        }
    }

    [Fact]
    public async Task An_upload_that_breaks_off_has_done_nothing_and_can_be_sent_again()
    {
        var file = Encoding.UTF8.GetBytes("sku,name,quantity\nCUT-1,Widget,5\nCUT-2,Widget,5\n");
        await using var service = await ServiceProcess.StartAsync(await server.CreateDatabaseAsync("test_cut_upload"));
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync("127.0.0.1", service.Client.BaseAddress!.Port, Cancellation);
            var head = Encoding.ASCII.GetBytes($"POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: {file.Length}\r\n\r\n");
            await socket.GetStream().WriteAsync((byte[])[.. head, .. file[..40]], Cancellation);
        }

        var whole = await ImportAsync(service, file);

        Assert.Equal((2, 2, 0), (whole["lines"]!.GetValue<int>(), whole["accepted"]!.GetValue<int>(), whole["replayed"]!.GetValue<int>()));
    }

    /// <summary>Folds the file here, line by line, by nothing but arithmetic.</summary>
    private static async Task IsWhatTheFileSaysAsync(JsonObject ended, byte[] invoices, string database)
    {
        var (stock, names) = (Delivered(invoices), new Dictionary<string, string>());
        var refused = new List<string>();
        foreach (var (line, _, sku, description, quantity) in Rows(invoices))
        {
            var key = sku.ToUpperInvariant();
            if (!Sku.IsAllowed(sku) || quantity == 0)
            {
                refused.Add($"{line} {sku}");
            }
            else if (stock.GetValueOrDefault(key) < quantity)
            {
                refused.Add($"{line} {sku}");
                stock.TryAdd(key, 0);
            }
            else
            {
                stock[key] = stock.GetValueOrDefault(key) - quantity;
            }

            names.TryAdd(key, description);
        }

        Assert.True(refused.Count is > 1 and < 1_000, $"{refused.Count} refused lines are no test.");
        Assert.Equal(refused, ended["refusedLines"]!.AsArray().Select(line => $"{line!["line"]} {line["sku"]}"));
        Assert.Equal((Lines, Lines - refused.Count, refused.Count), (ended["lines"]!.GetValue<int>(), ended["accepted"]!.GetValue<int>(), ended["refused"]!.GetValue<int>()));
        Assert.Equal(
            stock.Select(product => $"{product.Key} {product.Value} {product.Value}").Order(StringComparer.Ordinal),
            (await TextAsync(
                database,
                """
                select string_agg(p.sku_key || ' ' || (p.data ->> 'onHand') || ' ' || sums.moved, E'\n')
                from inventory.mt_doc_product p
                join (select stream_id, sum(coalesce((data ->> 'delta')::int, 0)) as moved from inventory.mt_events group by stream_id) sums on sums.stream_id = p.id
                """)).Split('\n').Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(int Line, string Invoice, string Sku, string Description, int Quantity)> Rows(byte[] invoices)
    {
        using var csv = CsvReader.Create(invoices, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true });
        while (csv.Read())
        {
            yield return (
                (int)csv.LineNumber, csv.GetString("InvoiceNo"), csv.GetString("StockCode"), csv.GetString("Description"),
                int.Parse(csv.GetString("Quantity"), CultureInfo.InvariantCulture));
        }
    }

    /// <summary>What most products need for their sales, and less for some, so that the order of the lines decides which are refused.</summary>
    private static Dictionary<string, int> Delivered(byte[] invoices) => Rows(invoices).Where(row => Sku.IsAllowed(row.Sku)).GroupBy(row => row.Sku.ToUpperInvariant())
        .Select((product, n) => (product.Key, Units: product.Sum(row => Math.Max(0, row.Quantity)) / (n % 10 == 0 ? 2 : 1))).Where(product => product.Units > 0)
        .ToDictionary(product => product.Key, product => product.Units);

    private static byte[] Delivery(byte[] invoices) => Encoding.UTF8.GetBytes(
        "sku,name,quantity\n" + string.Concat(Delivered(invoices).Select(product => $"{product.Key},Product {product.Key},{product.Value}\n")));

    private static byte[] Invoices()
    {
        if (Environment.GetEnvironmentVariable("INVENTORY_RETAIL_FILE") is { Length: > 0 } path)
        {
            return File.ReadAllBytes(path);
        }

        var file = new StringBuilder("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n");
        for (var n = 0; n < Lines; n++)
        {
            // A few products are sold often and most of them seldom.
            var product = (int)((long)n * n % 2_003) / (n % 3 == 0 ? 20 : 1);
            var (code, units) = n % 997 == 0 ? ("BANK CHARGES", "1") : ($"{10_000 + product}{(n % 7 == 0 ? "a" : "A")}", n % 41 == 0 ? $"-{n % 5}" : $"{1 + (n % 12)}");
            file.Append(CultureInfo.InvariantCulture, $"{536_365 + (n / 20)},{code},\"SET OF {product}, \"\"RED\"\"\",{units},12-01-2010 08:26,2.55,17850,United Kingdom\n");
        }

        return Encoding.UTF8.GetBytes(file.ToString());
    }

    private static async Task<JsonObject> ImportAsync(ServiceProcess service, byte[] file)
    {
        using var content = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        using var answer = await service.Client.PostAsync(new Uri("/imports", UriKind.Relative), content, Cancellation);
        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
        Assert.True((int)answer.StatusCode == 200, body.ToJsonString());
        return body;
    }

    private static async Task<long> CountAsync(string database, string sql) => long.Parse(await TextAsync(database, sql), CultureInfo.InvariantCulture);

    private static async Task<string> TextAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(Cancellation), CultureInfo.InvariantCulture)!;
    }
}
