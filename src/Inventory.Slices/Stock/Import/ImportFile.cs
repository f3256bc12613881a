using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace Inventory.Slices.Stock;

/// <summary>What is wrong with a file as a whole. Nothing of such a file is carried out.</summary>
/// <param name="Line">The line, if it is that of one.</param>
/// <param name="Detail">What is wrong, and what to do.</param>
internal sealed record ImportFault(long? Line, string Detail);

/// <summary>
/// A file to import, on this node's disk, so that it can be read more than once: all of it is looked over before the first line
/// is carried out. It is never in memory as a whole.
/// </summary>
internal sealed class ImportFile : IAsyncDisposable
{
    /// <summary>The encoding of files that spreadsheets on Windows write without saying so.</summary>
    public static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    private readonly FileStream _stream;
    private readonly Encoding? _encoding;

    private ImportFile(FileStream stream, byte[] sha256, Encoding? encoding) => (_stream, Sha256, _encoding) = (stream, sha256, encoding);

    /// <summary>The SHA-256 of its bytes.</summary>
    public byte[] Sha256 { get; }

    /// <summary>Its length.</summary>
    public long Bytes => _stream.Length;

    /// <summary>Writes a body to a temporary file that goes with it; null when it is larger than <see cref="ImportLimits.ImportBytesMax"/>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="encoding">The encoding when no byte order mark says another; null is UTF-8.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <param name="clock">The clock; that of the system when left out.</param>
    /// <exception cref="UploadTooSlowException">It comes more slowly than <see cref="ImportLimits.UploadBytesPerSecondMin"/>.</exception>
    public static async Task<ImportFile?> SpoolAsync(
        Stream body, Encoding? encoding, CancellationToken cancellation, TimeProvider? clock = null)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        var whole = false;
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                // Open files need no name there, and what has none is gone when the process is killed.
                File.Delete(path);
            }

            var sha256 = await CopyAsync(body, stream, clock ?? TimeProvider.System, cancellation);
            whole = sha256 is not null;
            return whole ? new ImportFile(stream, sha256!, encoding) : null;
        }
        finally
        {
            if (!whole)
            {
                await stream.DisposeAsync();
            }
        }
    }

    /// <summary>Opens a file where it lies.</summary>
    public static async Task<ImportFile> OpenAsync(string path, Encoding? encoding, CancellationToken cancellation)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return new ImportFile(stream, await SHA256.HashDataAsync(stream, cancellation), encoding);
    }

    /// <summary>Looks all of it over: the header, the encoding, the quotes. Gives how many lines it has, or what is wrong.</summary>
    public async Task<(int Lines, ImportFault? Fault)> CheckAsync(CancellationToken cancellation)
    {
        CsvMalformedRecord? malformed = null;
        using var csv = Open(record => malformed ??= record.Reason == CsvMalformedReason.StrayQuote ? null : record);
        try
        {
            await csv.ReadHeaderAsync(cancellation);
            if (ImportColumns.Of(csv.Headers, out var fault) is null)
            {
                return (0, new ImportFault(1, $"{fault} {ImportColumns.Rule}"));
            }

            var lines = 0;
            while (await csv.ReadAsync(cancellation))
            {
                if (malformed is { } record)
                {
                    return (0, NotCsv(record.LineNumber));
                }

                // What is no text in a file's encoding has become U+FFFD when that was not UTF-8.
                if (!Utf8.IsValid(csv.RawRecord) || csv.RawRecord.IndexOf("\uFFFD"u8) >= 0)
                {
                    return (0, new ImportFault(csv.LineNumber, "The line has characters that are none in the file's encoding. Save the file as UTF-8, or say what it is, such as Content-Type: text/csv; charset=windows-1252."));
                }

                lines += IsBlank(csv) ? 0 : 1;
            }

            return malformed is { } last ? (0, NotCsv(last.LineNumber)) : (lines, null);
        }
        catch (CsvFormatException e)
        {
            return (0, NotCsv(e.LineNumber > 0 ? e.LineNumber : csv.LineNumber + 1));
        }
    }

    /// <summary>Reads the lines of a file that was checked, without the first <paramref name="skip"/>.</summary>
    public async IAsyncEnumerable<ImportLine> ReadAsync(int skip, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var csv = Open();
        await csv.ReadHeaderAsync(cancellation);
        var columns = ImportColumns.Of(csv.Headers, out _) ?? throw new InvalidOperationException("The file was not checked.");
        while (await csv.ReadAsync(cancellation))
        {
            if (!IsBlank(csv) && skip-- <= 0)
            {
                yield return csv.FieldCount == csv.Headers.Count
                    ? columns.Read(csv)
                    : new ImportLine((int)csv.LineNumber, "") { Fault = $"The line has {csv.FieldCount} fields, the header {csv.Headers.Count}." };
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<byte[]?> CopyAsync(Stream body, FileStream file, TimeProvider clock, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var began = clock.GetTimestamp();
        var buffer = ArrayPool<byte>.Shared.Rent(81_920);
        try
        {
            int read;
            while ((read = await ReadAsync()) > 0)
            {
                if (file.Position + read > ImportLimits.ImportBytesMax)
                {
                    return null;
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }

            await file.FlushAsync(cancellation);
            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        // The more has come, the later the next has to.
        async Task<int> ReadAsync()
        {
            var due = TimeSpan.FromSeconds(
                ImportLimits.UploadSlowSecondsMax + ((double)file.Position / ImportLimits.UploadBytesPerSecondMin));
            var left = due - clock.GetElapsedTime(began);
            using var tooLate = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, cancellation);
            try
            {
                return await body.ReadAsync(buffer, end.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new UploadTooSlowException();
            }
        }
    }

    private static ImportFault NotCsv(long line) => new(
        line, $"The line is not CSV, or longer than {ImportLimits.ImportLineBytesMax} bytes. A field with commas or line breaks, or that begins with a quote, stands in quotes, and quotes in it are doubled.");

    /// <summary>A quote inside a field that is not quoted, such as the inches of <c>FRAME 7" SINGLE</c>, is what it looks like, as spreadsheets read it.</summary>
    private CsvReader Open(Action<CsvMalformedRecord>? onMalformed = null)
    {
        var options = new CsvReaderOptions
        {
            Separator = ',',
            TrackLineNumbers = true,
            MaxRecordSize = ImportLimits.ImportLineBytesMax,
            OnMalformedRecord = onMalformed,
            Encoding = _encoding,
        };
        _stream.Position = 0;
        return CsvReader.Create(_stream, options, leaveOpen: true);
    }

    /// <summary>Spreadsheets leave lines of nothing but commas behind.</summary>
    private static bool IsBlank(CsvReader csv)
    {
        for (var field = 0; field < csv.FieldCount; field++)
        {
            if (!csv.IsEmpty(field))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A file comes so slowly that its room is given to others.</summary>
internal sealed class UploadTooSlowException : Exception;
