using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Inventory.Benchmarks.Peers;

/// <summary>A file of invoice lines, repeated under other invoice numbers until it is long.</summary>
/// <param name="path">The file: InvoiceNo, StockCode, Description, Quantity and more, one line each.</param>
/// <param name="lines">How many lines to import.</param>
internal sealed class SalesFile(string path, int lines)
{
    /// <summary>Receives stock for everything that is sold, then imports the sales, and watches the service's memory meanwhile.</summary>
    public async Task<ImportFigures> ImportAsync(WebService service)
    {
        var sold = (await File.ReadAllLinesAsync(path)).Where(line => line.Length > 0).ToList();
        var delivery = new StringBuilder("sku,name,quantity\n");
        foreach (var sku in sold.Skip(1).Select(line => line.Split(',')[1]).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            delivery.Append(CultureInfo.InvariantCulture, $"{sku},{sku},1000000\n");
        }

        await SendAsync(service, Encoding.UTF8.GetBytes(delivery.ToString()));
        var (file, count) = Repeat(sold);
        var memory = new List<long>();
        using var stop = new CancellationTokenSource();
        var watching = WatchAsync(service, memory, stop.Token);
        var start = TimeProvider.System.GetTimestamp();
        var answer = await SendAsync(service, file);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        await stop.CancelAsync();
        await watching;

        return answer["lines"]!.GetValue<int>() == count
            ? new ImportFigures(count, count / seconds, memory.Take(memory.Count / 2).Max(), memory.Skip(memory.Count / 2).Max(), answer["refused"]!.GetValue<int>())
            : throw new InvalidOperationException($"{count} lines were sent: {answer}");
    }

    private (byte[] File, int Lines) Repeat(List<string> sold)
    {
        var text = new StringBuilder(sold[0]).Append('\n');
        var count = 0;
        for (var time = 0; count < lines; time++)
        {
            foreach (var line in sold.Skip(1).Take(lines - count))
            {
                var comma = line.IndexOf(',', StringComparison.Ordinal);
                text.Append(line.AsSpan(0, comma)).Append('-').Append(time).Append(line.AsSpan(comma)).Append('\n');
                count++;
            }
        }

        return (Encoding.UTF8.GetBytes(text.ToString()), count);
    }

    private static async Task<JsonObject> SendAsync(WebService service, byte[] file)
    {
        using var patient = new HttpClient { BaseAddress = service.Client.BaseAddress, Timeout = TimeSpan.FromMinutes(15) };
        using var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var answer = await patient.PostAsync(new Uri("/imports", UriKind.Relative), content);
        var body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(body)!.AsObject() : throw new InvalidOperationException(body);
    }

    private static async Task WatchAsync(WebService service, List<long> memory, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            memory.Add(service.MemoryBytes);
            await Task.Delay(500, CancellationToken.None);
        }
    }
}

/// <summary>What an import came to.</summary>
/// <param name="Lines">How many lines were carried out.</param>
/// <param name="PerSecond">How many each second.</param>
/// <param name="FirstHalfBytes">The most memory the service held in the first half of the time.</param>
/// <param name="SecondHalfBytes">The most it held in the second half.</param>
/// <param name="Refused">How many lines a rule refused.</param>
internal sealed record ImportFigures(int Lines, double PerSecond, long FirstHalfBytes, long SecondHalfBytes, int Refused);
