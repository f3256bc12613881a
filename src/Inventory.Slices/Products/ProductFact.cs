using Inventory.Conflicts;
using JasperFx.Events;
using Wolverine.Attributes;

namespace Inventory.Slices.Products;

/// <summary>What somebody outside may want to know of. Sent once per fact, in the transaction that makes it true.</summary>
/// <param name="Id">The product, the version that made it true, and the type: the same however often it is delivered.</param>
/// <param name="Type">One of <see cref="Types"/>.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Actor">Who brought it about.</param>
/// <param name="Product">The product then.</param>
/// <param name="ReservationId">The reservation it is about, if it is about one.</param>
[MessageIdentity("product-fact")]
public sealed record ProductFact(string Id, string Type, DateTimeOffset At, string Actor, ProductView Product, Guid? ReservationId)
{
    /// <summary>Nothing is available any more.</summary>
    public const string StockDepleted = "StockDepleted";

    /// <summary>What is available has come down to the reorder point, or the reorder point up to it.</summary>
    public const string StockLow = "StockLow";

    /// <summary>A promise ended because its time was over.</summary>
    public const string ReservationExpired = "ReservationExpired";

    /// <summary>The product is no longer dealt in.</summary>
    public const string ProductDiscontinued = "ProductDiscontinued";

    /// <summary>All types, as receivers see them. Never renamed.</summary>
    public static IReadOnlyList<string> Types { get; } = [StockDepleted, StockLow, ReservationExpired, ProductDiscontinued];

    /// <summary>The facts that events made true, in order. A fact is a crossing: stock that was low before and is lower now is no news.</summary>
    /// <param name="events">Events of one product that were appended together, in order.</param>
    /// <param name="after">The product after the last of them.</param>
    public static IReadOnlyList<ProductFact> Of(IReadOnlyList<IEvent> events, Product after)
    {
        ArgumentNullException.ThrowIfNull(events);
        var facts = new List<ProductFact>();
        foreach (var e in events.Reverse())
        {
            if (e.Data is ProductCreated)
            {
                break; // A product that was made empty was never depleted.
            }

            var before = Products.Product.Unfold(after, e.Data);
            facts.InsertRange(0, TypesOf(before, e.Data, after).Select(type => new ProductFact(
                $"{after.Id}/{after.Version}/{type}", type, e.Timestamp.ToUniversalTime(), e.UserName ?? CommandContext.System, ProductView.Of(after), Products.Product.ReservationOf(e.Data))));
            after = before;
        }

        return facts;
    }

    private static IEnumerable<string> TypesOf(Product before, object e, Product after)
    {
        if (e is Products.ReservationExpired)
        {
            yield return ReservationExpired;
        }

        if (e is Products.ProductDiscontinued)
        {
            yield return ProductDiscontinued;
        }

        if (IsLow(after) && !IsLow(before))
        {
            yield return StockLow;
        }

        if (after.Available == 0 && before.Available > 0)
        {
            yield return StockDepleted;
        }
    }

    private static bool IsLow(Product product) => product.Available <= product.ReorderPoint;
}
