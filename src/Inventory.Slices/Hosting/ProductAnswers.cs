using System.Text.Json;
using System.Text.Json.Serialization;
using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Slices.Hosting;

/// <summary>The answers to product commands that came to their end: what receipts keep.</summary>
public sealed class ProductAnswers : IAnswers<Product>
{
    /// <inheritdoc/>
    public Answer Of(object command, CommandContext context, Outcome<Product> outcome)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(context);
        return outcome switch
        {
            Outcome<Product>.Accepted accepted => Accepted(command, accepted),
            Outcome<Product>.Refused refused => Refused(context, refused),
            _ => throw new InvalidOperationException($"{outcome} may be sent again, so its answer is not kept."),
        };
    }

    private static Answer Accepted(object command, Outcome<Product>.Accepted accepted)
    {
        var product = accepted.State;
        var body = new CommandResult(
            product.Id, product.Version, accepted.MergedWith.Count > 0 ? "merged" : "accepted", accepted.MergedWith, ProductView.Of(product),
            command is IConcernsReservation concerns ? PromiseView.Of(product.Reservations[concerns.ReservationId]) : null);
        return command switch
        {
            IOpensReservation opens => new Answer(StatusCodes.Status201Created, product.Version, $"/reservations/{opens.ReservationId}", Json(body)),
            _ when ConflictPolicies.Of(command.GetType()).StartsStream =>
                new Answer(StatusCodes.Status201Created, product.Version, $"/products/{product.Id}", Json(body)),
            _ => new Answer(StatusCodes.Status200OK, product.Version, null, Json(body)),
        };
    }

    private static Answer Refused(CommandContext context, Outcome<Product>.Refused refused)
    {
        var problem = new Problem(RefusalProblems.Of(refused.Refusal.GetType()), refused.Refusal.Detail);
        if (refused.Current is { } current)
        {
            // A refusal is true of one version, so it names that version.
            problem.With("productId", current.Id).With("version", current.Version);
        }

        _ = refused.Refusal switch
        {
            InsufficientStock r => problem.With("available", r.Available).With("requested", r.Requested),
            StockLimitExceeded r => problem.With("onHand", r.OnHand).With("requested", r.Requested),
            CountBelowReserved r => problem.With("counted", r.Counted).With("reserved", r.Reserved),
            NoSuchReservation r => problem.With("reservationId", r.ReservationId),
            CommitExceedsReservation r => problem.With("requested", r.Requested).With("reserved", r.Reserved),
            ReservationIsCommitted r => Closed(r.ReservationId, r.By, r.At),
            ReservationIsReleased r => Closed(r.ReservationId, r.By, r.At),
            ReservationHasExpired r => Closed(r.ReservationId, r.By, r.At),
            SkuTaken r => problem.With("productId", r.ProductId).With("sku", r.Sku),
            IdTaken r => problem.With("productId", r.ProductId),
            _ => problem,
        };
        return new Answer(problem.Status, refused.Current?.Version, null, problem.Body(context.TraceId));

        Problem Closed(Guid id, string? by, DateTimeOffset? at) => problem.With("reservationId", id).With("by", by).With("at", at);
    }

    private static string Json<T>(T body) => JsonSerializer.Serialize(body, HttpJson.Options);
}

/// <summary>What a command on one product answers.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Version">Its version after the command.</param>
/// <param name="Outcome"><c>merged</c> when a seen version was named and later changes were found compatible, else <c>accepted</c>.</param>
/// <param name="MergedWith">Those changes, the oldest first.</param>
/// <param name="Product">The product after the command.</param>
/// <param name="Reservation">The reservation it was about.</param>
public sealed record CommandResult(
    Guid ProductId, long Version, string Outcome, IReadOnlyList<Change> MergedWith, ProductView Product,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PromiseView? Reservation = null);

/// <summary>A reservation in the answer to a command about it.</summary>
/// <param name="Id">The reservation.</param>
/// <param name="Quantity">Units promised.</param>
/// <param name="Status">How it stands.</param>
/// <param name="ExpiresAt">When its time is over, UTC.</param>
public sealed record PromiseView(Guid Id, int Quantity, ReservationStatus Status, DateTimeOffset ExpiresAt)
{
    internal static PromiseView Of(Reservation reservation) => new(reservation.Id, reservation.Quantity, reservation.Status, reservation.ExpiresAt);
}
