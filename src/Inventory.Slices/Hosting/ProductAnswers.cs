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
        var body = new Body(
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
        var problem = refused.Refusal switch
        {
            InsufficientStock r => OnProduct(ProblemTypes.InsufficientStock).With("available", r.Available).With("requested", r.Requested),
            StockLimitExceeded r => OnProduct(ProblemTypes.StockLimitExceeded).With("onHand", r.OnHand).With("requested", r.Requested),
            DiscontinuedProduct => OnProduct(ProblemTypes.ProductDiscontinued),
            ProductIsDealtIn => OnProduct(ProblemTypes.ProductNotDiscontinued),
            CountBelowReserved r => OnProduct(ProblemTypes.CountBelowReserved).With("counted", r.Counted).With("reserved", r.Reserved),
            NoSuchReservation r => OnProduct(ProblemTypes.ReservationNotFound).With("reservationId", r.ReservationId),
            CommitExceedsReservation r => OnProduct(ProblemTypes.CommitExceedsReservation).With("requested", r.Requested).With("reserved", r.Reserved),
            ReservationIsCommitted r => OnReservation(ProblemTypes.ReservationCommitted, r.ReservationId, r.By, r.At),
            ReservationIsReleased r => OnReservation(ProblemTypes.ReservationReleased, r.ReservationId, r.By, r.At),
            ReservationHasExpired r => OnReservation(ProblemTypes.ReservationExpired, r.ReservationId, r.By, r.At),
            SkuTaken r => new Problem(ProblemTypes.SkuTaken, r.Detail).With("productId", r.ProductId).With("sku", r.Sku),
            IdTaken r => new Problem(ProblemTypes.IdTaken, r.Detail).With("productId", r.ProductId),
            var unknown => throw new InvalidOperationException($"{unknown.GetType().Name} has no problem type: add it here."),
        };
        return new Answer(problem.Status, refused.Current?.Version, null, problem.Body(context.TraceId));

        Problem OnReservation(ProblemType type, Guid id, string? by, DateTimeOffset? at) =>
            OnProduct(type).With("reservationId", id).With("by", by).With("at", at);

        // A refusal is true of one version, so it names that version.
        Problem OnProduct(ProblemType type) => new Problem(type, refused.Refusal.Detail)
            .With("productId", refused.Current?.Id)
            .With("version", refused.Current?.Version);
    }

    private static string Json<T>(T body) => JsonSerializer.Serialize(body, HttpJson.Options);

    private sealed record Body(
        Guid ProductId, long Version, string Outcome, IReadOnlyList<Change> MergedWith, ProductView Product,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PromiseView? Reservation);

    private sealed record PromiseView(Guid Id, int Quantity, ReservationStatus Status, DateTimeOffset ExpiresAt)
    {
        public static PromiseView Of(Reservation reservation) => new(reservation.Id, reservation.Quantity, reservation.Status, reservation.ExpiresAt);
    }
}
