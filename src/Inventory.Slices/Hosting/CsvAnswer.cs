using CsvHelper;
using Microsoft.Net.Http.Headers;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Answers with a CSV file (RFC 4180) that is sent while it is made, so its size does not matter. Text that a spreadsheet could take
/// for a formula is guarded (<see cref="CsvCell"/>).
/// </summary>
/// <param name="fileName">The name that a browser saves it under.</param>
/// <param name="columns">The header.</param>
/// <param name="rows">The rows, a value for each column.</param>
public sealed class CsvAnswer(string fileName, IReadOnlyList<string> columns, IAsyncEnumerable<IReadOnlyList<object?>> rows) : IResult
{
    private static readonly CsvWriterOptions Options = new() { TrueValue = "true", FalseValue = "false" };

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var (response, cancellation) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = "text/csv; charset=utf-8; header=present";
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = fileName }.ToString();

        if (HeadRequests.Is(httpContext))
        {
            return;
        }

        // When a row cannot be read the connection is cut off, so that nobody takes a part for the whole.
        await using var csv = CsvWriter.Create(response.Body, Options, leaveOpen: true);
        await WriteAsync(columns);
        await foreach (var row in rows.WithCancellation(cancellation))
        {
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
