using System.Diagnostics.CodeAnalysis;
using CsvHelper;
using Microsoft.Net.Http.Headers;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Answers with a CSV file (RFC 4180) that is sent while it is made, so its size does not matter. Text that a spreadsheet could take
/// for a formula is guarded (<see cref="CsvCell"/>). Between two parts it holds nothing of the database, and a reader
/// that is too slow is cut off, because there are only so many exports at once.
/// </summary>
/// <param name="fileName">The name that a browser saves it under.</param>
/// <param name="columns">The header.</param>
/// <param name="rows">The rows, a value for each column.</param>
/// <param name="exports">The room for exports.</param>
public sealed class CsvAnswer(
    string fileName, IReadOnlyList<string> columns, IAsyncEnumerable<IReadOnlyList<object?>> rows, Exports exports) : IResult
{
    private const int RowsOfAPart = 1_000;

    private static readonly TimeSpan PartMax = TimeSpan.FromSeconds(HttpLimits.ExportPartSecondsMax);

    private static readonly CsvWriterOptions Options = new() { TrueValue = "true", FalseValue = "false" };

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        using var room = exports.TryEnter();
        if (room is null)
        {
            var detail = $"{HttpLimits.ExportsMax} exports are being sent by this node already.";
            await new Problem(ProblemTypes.Overloaded, detail) { RetryAfterSeconds = 5 }.ExecuteAsync(httpContext);
            return;
        }

        using var tooSlow = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted);
        try
        {
            await SendAsync(httpContext.Response, tooSlow);
        }
        catch (OperationCanceledException) when (tooSlow.IsCancellationRequested)
        {
            // Cut off, so that nobody takes a part for the whole.
            httpContext.Abort();
        }
    }

    private async Task SendAsync(HttpResponse response, CancellationTokenSource tooSlow)
    {
        var (cancellation, sent) = (tooSlow.Token, 0);
        response.ContentType = "text/csv; charset=utf-8; header=present";
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = fileName }.ToString();

        if (HeadRequests.Is(response.HttpContext))
        {
            return;
        }

        // When a row cannot be read the connection is cut off, so that nobody takes a part for the whole.
        await using var csv = CsvWriter.Create(response.Body, Options, leaveOpen: true);
        await WriteAsync(columns);
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            if (sent++ % RowsOfAPart == 0)
            {
                tooSlow.CancelAfter(PartMax);
            }

            await WriteAsync(row);
        }

        await csv.FlushAsync(cancellation);

        async Task WriteAsync(IReadOnlyList<object?> cells)
        {
            foreach (var cell in cells)
            {
                csv.WriteField(cell is string text ? CsvCell.Guard(text) : cell);
            }

            await csv.EndRecordAsync(cancellation);
        }
    }
}

/// <summary>The room for exports on this node.</summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody takes holds nothing to free.")]
public sealed class Exports
{
    private readonly SemaphoreSlim _room = new(HttpLimits.ExportsMax, HttpLimits.ExportsMax);

    /// <summary>Takes room for one, until what is returned is disposed; null when there is none.</summary>
    public IDisposable? TryEnter() => _room.Wait(0) ? new Room(_room) : null;

    private sealed class Room(SemaphoreSlim room) : IDisposable
    {
        public void Dispose() => room.Release();
    }
}
