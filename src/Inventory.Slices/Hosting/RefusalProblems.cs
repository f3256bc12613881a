using Inventory.Slices.Products;

namespace Inventory.Slices.Hosting;

/// <summary>The problem that each rule's refusal is told as.</summary>
public static class RefusalProblems
{
    private static readonly Dictionary<Type, ProblemType> ByRefusal = new()
    {
        [typeof(InsufficientStock)] = ProblemTypes.InsufficientStock,
        [typeof(StockLimitExceeded)] = ProblemTypes.StockLimitExceeded,
        [typeof(DiscontinuedProduct)] = ProblemTypes.ProductDiscontinued,
        [typeof(ProductIsDealtIn)] = ProblemTypes.ProductNotDiscontinued,
        [typeof(CountBelowReserved)] = ProblemTypes.CountBelowReserved,
        [typeof(NoSuchReservation)] = ProblemTypes.ReservationNotFound,
        [typeof(CommitExceedsReservation)] = ProblemTypes.CommitExceedsReservation,
        [typeof(ReservationIsCommitted)] = ProblemTypes.ReservationCommitted,
        [typeof(ReservationIsReleased)] = ProblemTypes.ReservationReleased,
        [typeof(ReservationHasExpired)] = ProblemTypes.ReservationExpired,
        [typeof(SkuTaken)] = ProblemTypes.SkuTaken,
        [typeof(IdTaken)] = ProblemTypes.IdTaken,
        [typeof(UnknownProducts)] = ProblemTypes.ProductNotFound,
    };

    /// <summary>The problem of a kind of refusal.</summary>
    /// <exception cref="InvalidOperationException">Nobody said which problem it is.</exception>
    public static ProblemType Of(Type refusal) => ByRefusal.TryGetValue(refusal, out var type)
        ? type
        : throw new InvalidOperationException($"{refusal.Name} has no problem type: add it here.");
}
