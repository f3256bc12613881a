using System.Text;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>Takes a CSV file, carries it out line by line, and tells how far that is.</summary>
public static class ImportEndpoint
{
    /// <summary>How many seconds to wait when this node imports as much as it can.</summary>
    private const int RetryAfterSeconds = 5;

    /// <summary>
    /// Answers when the file is carried out, or at once with 202 to <c>Prefer: respond-async</c> (RFC 7240, section 4.1). What was
    /// begun goes on when the caller hangs up.
    /// </summary>
    [WolverinePost("/imports")]
    [Imports]
    public static async Task<IResult> Post(HttpContext http, Imports imports, DatabaseReads reads, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(imports);
        ArgumentNullException.ThrowIfNull(reads);
        string? fault = null;
        var actor = Actors.Of(http.Request, ref fault);
        if (fault is not null)
        {
            return Problem.Malformed(fault);
        }

        if (!TryReadType(http.Request, out var encoding))
        {
            return new Problem(ProblemTypes.UnsupportedMediaType, "An import is a CSV file: Content-Type: text/csv, with charset=utf-8 (the default), utf-16 or windows-1252, not compressed.");
        }

        using var upload = imports.TryReceive();
        if (upload is null)
        {
            return Busy;
        }

        Task<string?>? ending = null;
        ImportFile? file = null;
        IDisposable? room = null;
        try
        {
            file = await ReceiveAsync(http.Request, encoding, cancellation);
            if (file is null)
            {
                return new Problem(ProblemTypes.BodyTooLarge);
            }

            var (lines, unreadable) = await file.CheckAsync(cancellation);
            if (unreadable is not null)
            {
                return Problem.Malformed(unreadable.Line is { } line ? $"Line {line}: {unreadable.Detail}" : unreadable.Detail).With("line", unreadable.Line);
            }

            // All of it is here, so it is nobody's slowness that others would wait for.
            room = await imports.EnterAsync(cancellation);
            if (room is null)
            {
                return Busy;
            }

            upload.Dispose();
            ending = await imports.BeginAsync(actor, file, lines, _ => { }, cancellation);
        }
        catch (UploadTooSlowException)
        {
            return new Problem(
                ProblemTypes.MalformedRequest,
                $"The file came too slowly: after {ImportLimits.UploadSlowSecondsMax} seconds it has to come at {ImportLimits.UploadBytesPerSecondMin} bytes a second. Nothing was carried out.")
            {
                Status = StatusCodes.Status408RequestTimeout,
            };
        }
        finally
        {
            // Until the end the run needs both, also when its caller has gone.
            _ = LeaveAsync(ending, file, room);
        }

        var id = ImportLedger.IdOf(actor, file.Sha256);
        http.Response.Headers.Location = $"/imports/{id}";
        var waits = !http.Request.Headers["Prefer"].ToString().Contains("respond-async", StringComparison.OrdinalIgnoreCase);
        var interruption = ending is not null && waits ? await ending : null;
        ImportView? view;
        try
        {
            view = (await reads.ReadOnAsync(Work.ExactRead, async ct => Tuple.Create(await imports.FindAsync(id, ct)), cancellation)).Item1;
        }
        catch (Exception e) when (DatabaseFailure.Is(e))
        {
            // Lines were carried out, perhaps all: this is not the answer of a database that was away from the start.
            return Interrupted(interruption ?? "How far it is could not be read, because the database could not be reached.");
        }

        return interruption is null
            ? TypedResults.Json(view, HttpJson.Options, statusCode: view!.State == ImportView.Done ? StatusCodes.Status200OK : StatusCodes.Status202Accepted)
            : Interrupted(interruption).With("import", view);
    }

    /// <summary>Shows an import.</summary>
    [WolverineGet("/imports/{id}")]
    [Shows("Show how far an import is", typeof(ImportView), nameof(ProblemTypes.ImportNotFound), nameof(ProblemTypes.Overloaded))]
    public static async Task<IResult> Get(string id, Imports imports, DatabaseReads reads, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(imports);
        ArgumentNullException.ThrowIfNull(reads);
        if (!Ids.TryParse(id, out var known))
        {
            return new Problem(ProblemTypes.ImportNotFound);
        }

        return await reads.AnswerAsync(
            Work.ExactRead,
            async ct => await imports.FindAsync(known, ct) is { } view
                ? TypedResults.Json(view, HttpJson.Options)
                : new Problem(ProblemTypes.ImportNotFound),
            cancellation);
    }

    private static Problem Busy => new(
        ProblemTypes.Overloaded, "This node is busy with other imports. Send the file again after the seconds in Retry-After.")
    {
        RetryAfterSeconds = RetryAfterSeconds,
    };

    private static Problem Interrupted(string why) =>
        new(ProblemTypes.ImportInterrupted, $"{why} {ProblemTypes.ImportInterrupted.NextStep}") { RetryAfterSeconds = RetryAfterSeconds };

    private static async Task<ImportFile?> ReceiveAsync(HttpRequest request, Encoding? encoding, CancellationToken cancellation)
    {
        if (request.ContentLength > ImportLimits.ImportBytesMax)
        {
            return null;
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = ImportLimits.ImportBytesMax;
        }

        var file = await ImportFile.SpoolAsync(request.Body, encoding, cancellation);
        if (file is null)
        {
            UnreadBodies.BrokeOff(request.HttpContext);
        }
        else
        {
            UnreadBodies.WasRead(request.HttpContext);
        }

        return file;
    }

    private static async Task LeaveAsync(Task? ending, ImportFile? file, IDisposable? room)
    {
        try
        {
            await (ending ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
        finally
        {
            room?.Dispose();
        }
    }

    private static bool TryReadType(HttpRequest request, out Encoding? encoding)
    {
        encoding = null;
        if (request.Headers.ContentEncoding.Count > 0
            || !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        switch (HeaderUtilities.RemoveQuotes(type.Charset).ToString().ToUpperInvariant())
        {
            case "" or "UTF-8" or "US-ASCII":
                return true;
            case "UTF-16":
                // Without a byte order mark (RFC 2781, section 4.3).
                encoding = Encoding.BigEndianUnicode;
                return true;
            case "WINDOWS-1252":
                encoding = ImportFile.Windows1252;
                return true;
            default:
                return false;
        }
    }
}
