namespace Inventory.Slices.Hosting;

/// <summary>A kind of problem (RFC 9457, section 3.1.1). Its page is served at <c>/problems/{Slug}</c>.</summary>
/// <param name="Slug">The last part of the type's path; never changed once published.</param>
/// <param name="Status">The status code it comes with.</param>
/// <param name="Title">What happened, the same for every occurrence.</param>
/// <param name="Meaning">What it means and whether anything was written.</param>
/// <param name="NextStep">What to do now.</param>
public sealed record ProblemType(string Slug, int Status, string Title, string Meaning, string NextStep);

/// <summary>Every kind of problem that this service answers with.</summary>
public static class ProblemTypes
{
    public static readonly ProblemType MalformedRequest = new(
        "malformed-request", StatusCodes.Status400BadRequest, "The request cannot be understood",
        "The body, a header or the path is not of the form this route takes. Nothing was executed.",
        "Correct what “detail” names and send the request again.");

    public static readonly ProblemType InvalidFields = new(
        "invalid-fields", StatusCodes.Status400BadRequest, "Some fields have values that are not allowed",
        "The request was understood, but values are out of range or of the wrong form. Nothing was executed.",
        "“errors” lists every such field with what is allowed. Correct them and send the request again.");

    public static readonly ProblemType NotFound = new(
        "not-found", StatusCodes.Status404NotFound, "There is nothing at this address",
        "No route of the service matches the path.",
        "Check the path; docs/http.md lists the routes.");

    public static readonly ProblemType ProductNotFound = new(
        "product-not-found", StatusCodes.Status404NotFound, "There is no such product",
        "No product has this id or SKU. Nothing was executed.",
        "Check the id, or address the product by its SKU as sku:W-1.");

    public static readonly ProblemType ImportNotFound = new(
        "import-not-found", StatusCodes.Status404NotFound, "There is no such import",
        "No import has this id: no file of it was received whole and readable.",
        "Check the id, or send the file to POST /imports; the answer's Location names its import.");

    public static readonly ProblemType VersionNotFound = new(
        "version-not-found", StatusCodes.Status404NotFound, "The product was never at that version",
        "The version is later than “currentVersion”, or the product did not exist at that time.",
        "Ask for a version from 1 to “currentVersion”, or a later time; GET /products/{product}/history lists what happened.");

    public static readonly ProblemType MethodNotAllowed = new(
        "method-not-allowed", StatusCodes.Status405MethodNotAllowed, "This address does not take this method",
        "The path exists, but not for this HTTP method. Nothing was executed.",
        "Use one of the methods that the Allow header lists.");

    public static readonly ProblemType VersionConflict = new(
        "version-conflict", StatusCodes.Status409Conflict, "The product has changed since you looked at it",
        "Changes that you have not seen stand against your command. With status 409 one of them clashes with it by the "
        + "command's declared rules; with status 412 your If-Match asked for an exact version. Nothing was written.",
        "Look at “changes” and “current”. To apply your command on top, send it again with the If-Match of “resubmit”.");

    public static readonly ProblemType SkuTaken = new(
        "sku-taken", StatusCodes.Status409Conflict, "Another product has this SKU",
        "SKUs are unique in any case. Nothing was written.",
        "Choose another SKU, or change the product that “productId” names.");

    public static readonly ProblemType IdTaken = new(
        "id-taken", StatusCodes.Status409Conflict, "Another product has this id",
        "The id you chose belongs to a product already. Nothing was written.",
        "Leave the id out to get a new one, or change the product that “productId” names.");

    public static readonly ProblemType RequestInFlight = new(
        "request-in-flight", StatusCodes.Status409Conflict, "The same request is being executed",
        "A request with this Idempotency-Key has not been answered yet. This one was not executed.",
        "Send the same request again after the seconds in Retry-After; it will be answered as the first was.");

    public static readonly ProblemType BodyTooLarge = new(
        "body-too-large", StatusCodes.Status413PayloadTooLarge, "The body is too large",
        "A request body may have 64 KiB, a file to import 64 MiB. Nothing was executed.",
        "Send less at a time.");

    public static readonly ProblemType UnsupportedMediaType = new(
        "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType, "The body is not in a form this service reads",
        "Bodies are JSON in UTF-8, files to import CSV; neither is compressed. Nothing was executed.",
        "Send Content-Type: application/json, or text/csv to /imports, and no Content-Encoding.");

    public static readonly ProblemType InsufficientStock = new(
        "insufficient-stock", StatusCodes.Status422UnprocessableEntity, "There is not enough stock",
        "Stock never goes below zero. “available” is true at “version”. Nothing was written.",
        "Ask for fewer units, or receive stock first.");

    public static readonly ProblemType StockLimitExceeded = new(
        "stock-limit-exceeded", StatusCodes.Status422UnprocessableEntity, "That is more than a product can hold",
        "A product has at most 1,000,000,000 units on hand. Nothing was written.",
        "Check the quantity.");

    public static readonly ProblemType ProductDiscontinued = new(
        "product-discontinued", StatusCodes.Status422UnprocessableEntity, "The product is discontinued",
        "A discontinued product is neither sold, reserved, counted nor renamed. Nothing was written.",
        "Reinstate it first if that was a mistake.");

    public static readonly ProblemType ProductNotDiscontinued = new(
        "product-not-discontinued", StatusCodes.Status422UnprocessableEntity, "The product is not discontinued",
        "Only what was discontinued can be reinstated. Nothing was written.",
        "Look at the product: it is dealt in already.");

    public static readonly ProblemType CountBelowReserved = new(
        "count-below-reserved", StatusCodes.Status422UnprocessableEntity, "Fewer units were counted than are reserved",
        "What is promised to somebody has to be there. “reserved” is true at “version”. Nothing was written.",
        "Release reservations until they fit, then send the count again.");

    public static readonly ProblemType ReservationNotFound = new(
        "reservation-not-found", StatusCodes.Status404NotFound, "There is no such reservation",
        "No reservation has this id, or it is another product's. Nothing was written.",
        "Check the id; GET /products/{product}/reservations lists what is open.");

    public static readonly ProblemType CommitExceedsReservation = new(
        "commit-exceeds-reservation", StatusCodes.Status422UnprocessableEntity, "More units were to leave than are reserved",
        "A reservation is committed up to what it holds, “reserved”. Nothing was written.",
        "Commit at most those, and sell the others with an adjustment.");

    public static readonly ProblemType ReservationCommitted = new(
        "reservation-committed", StatusCodes.Status422UnprocessableEntity, "The reservation was committed before",
        "Its units have left, as “by” did “at” that time. Nothing was written now.",
        "Nothing is left to do. GET /reservations/{reservation} shows how it ended.");

    public static readonly ProblemType ReservationReleased = new(
        "reservation-released", StatusCodes.Status422UnprocessableEntity, "The reservation was released before",
        "“by” gave its units back “at” that time. Nothing was written now.",
        "Reserve again if the units are still wanted.");

    public static readonly ProblemType ReservationExpired = new(
        "reservation-expired", StatusCodes.Status422UnprocessableEntity, "The reservation has expired",
        "Its time was over “at” that moment, and its units can be sold again. Nothing was written now.",
        "Reserve again if the units are still wanted.");

    public static readonly ProblemType IdempotencyKeyReused = new(
        "idempotency-key-reused", StatusCodes.Status422UnprocessableEntity, "The Idempotency-Key belongs to another request",
        "You have used this key for a request with another method, path or body. Nothing was executed.",
        "Use a new key for a new request, and the same key only to send the same request again.");

    public static readonly ProblemType PreconditionRequired = new(
        "precondition-required", StatusCodes.Status428PreconditionRequired, "Say which version you saw",
        "This command is for somebody who has looked at the product (RFC 6585, section 3). Nothing was executed.",
        "GET the product and send its ETag back as If-Match, or its version as Seen-Version.");

    public static readonly ProblemType InternalError = new(
        "internal-error", StatusCodes.Status500InternalServerError, "The service failed",
        "This is a defect of the service, not of your request.",
        "Report it with the traceId. Look at the product before you send the request again.");

    public static readonly ProblemType RetriesExhausted = new(
        "conflict-retries-exhausted", StatusCodes.Status503ServiceUnavailable, "Too many changes at once",
        "Every attempt to apply the command met a newer change, until the deadline. Nothing was written.",
        "Send the same request again after the seconds in Retry-After.");

    public static readonly ProblemType Overloaded = new(
        "overloaded", StatusCodes.Status503ServiceUnavailable, "Too much is waiting",
        "More commands wait for this product, or more work of this kind on this node, than the service takes. This request was surely not executed.",
        "Send the same request again after the seconds in Retry-After.");

    public static readonly ProblemType OutcomeUnknown = new(
        "outcome-unknown", StatusCodes.Status503ServiceUnavailable, "It is not known whether the command took effect",
        "The change was sent to the database, which did not say what became of it, and it could not be found out in time.",
        "Send the same request again with the same Idempotency-Key: it takes effect once. Without a key, look at the product first.");

    public static readonly ProblemType TokenRequired = new(
        "token-required", StatusCodes.Status401Unauthorized, "A good token is required",
        "No token came, or one that is not good here; WWW-Authenticate says why (RFC 6750, section 3). Nothing was executed.",
        "Send Authorization: Bearer with a token of the issuer that this service trusts, made for this service and not expired.");

    public static readonly ProblemType ScopeRequired = new(
        "scope-required", StatusCodes.Status403Forbidden, "Your token does not allow this",
        "Seeing takes the scope inventory.read, changing inventory.write, and how the service works inventory.admin. Nothing was executed.",
        "Ask whoever gives you tokens for that scope.");

    public static readonly ProblemType TooManyRequests = new(
        "too-many-requests", StatusCodes.Status429TooManyRequests, "You send more requests than one caller may",
        "Requests are counted per subject of a token and per node (RFC 6585, section 4). This one was surely not executed.",
        "Send the same request again after the seconds in Retry-After.");

    public static readonly ProblemType NotYetVisible = new(
        "not-yet-visible", StatusCodes.Status503ServiceUnavailable, "What you wrote has not come to this view yet",
        "The versions that Read-After names were not reached in the time of Prefer: wait, and Prefer: handling=strict asks for no answer without them.",
        "Ask again after the seconds in Retry-After, ask for the product itself, which is exact, or leave handling=strict out.");

    public static readonly ProblemType NotReady = new(
        "not-ready", StatusCodes.Status503ServiceUnavailable, "The service cannot do all its work",
        "“checks” says what is wrong. When it is a projection, lists are stale and say so, and everything else works.",
        "Do what docs/operations.md says of the check, or wait: a node that takes over the work of another needs some seconds.");

    public static readonly ProblemType ImportInterrupted = new(
        "import-interrupted", StatusCodes.Status503ServiceUnavailable, "The import was broken off",
        "The lines that “import” counts were carried out, and perhaps some after them. What was carried out is kept.",
        "Send the same file again: it goes on where it was broken off, and no line takes effect twice.");

    public static readonly ProblemType Unavailable = new(
        "unavailable", StatusCodes.Status503ServiceUnavailable, "The database cannot be reached",
        "Nothing could be read, and nothing was written.",
        "Ask again after the seconds in Retry-After. If it lasts, look at the database.");

    /// <summary>The problem type of this member's name.</summary>
    internal static ProblemType Named(string member) =>
        (ProblemType)(typeof(ProblemTypes).GetField(member)?.GetValue(null) ?? throw new ArgumentException($"There is no {member}.", nameof(member)));

    /// <summary>All of them, by slug.</summary>
    public static IReadOnlyDictionary<string, ProblemType> All { get; } = new[]
    {
        MalformedRequest, InvalidFields, NotFound, ProductNotFound, ImportNotFound, MethodNotAllowed, VersionConflict, SkuTaken, IdTaken,
        RequestInFlight, IdempotencyKeyReused,
        BodyTooLarge, UnsupportedMediaType, InsufficientStock, StockLimitExceeded, ProductDiscontinued, ProductNotDiscontinued, CountBelowReserved,
        ReservationNotFound, VersionNotFound, CommitExceedsReservation, ReservationCommitted, ReservationReleased, ReservationExpired,
        PreconditionRequired, TokenRequired, ScopeRequired, TooManyRequests, InternalError, RetriesExhausted, Overloaded, OutcomeUnknown,
        NotYetVisible, NotReady, ImportInterrupted, Unavailable,
    }.ToDictionary(type => type.Slug);
}
