using System.Globalization;
using Inventory.Conflicts;

namespace Inventory.Slices.Products;

/// <summary>
/// One product: the fold of its stream, stored as an inline snapshot in the transaction of the events. Immutable.
/// </summary>
public sealed record Product : IAggregate<Product>
{
    /// <summary>The stream's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The version of the stream that this state reflects; 1 after <see cref="ProductCreated"/>.</summary>
    public long Version { get; init; }

    /// <summary>The stock keeping unit as it was written; unique without case.</summary>
    public required string Sku { get; init; }

    /// <summary>The <see cref="Products.Sku.Key"/> that makes it unique.</summary>
    public required string SkuKey { get; init; }

    /// <summary>The name people know it by.</summary>
    public required string Name { get; init; }

    /// <summary>Units in the warehouse, whether promised to somebody or not. 0 or more.</summary>
    public int OnHand { get; init; }

    /// <summary>Units promised by open reservations. 0 or more, never above <see cref="OnHand"/>.</summary>
    public int Reserved { get; init; }

    /// <summary>Units that can still be sold: on hand less reserved. 0 or more.</summary>
    public int Available => OnHand - Reserved;

    /// <summary>Stock at or below this counts as low; null when nobody asked to be told.</summary>
    public int? ReorderPoint { get; init; }

    /// <summary>The product is no longer dealt in.</summary>
    public bool Discontinued { get; init; }

    /// <inheritdoc/>
    public static IReadOnlyList<Type> LaterEventTypes => ProductEventTypes.Later;

    /// <inheritdoc/>
    public static Product Fold(Product? state, Guid id, object @event) => (state, @event) switch
    {
        (_, ProductCreated e) => new Product
        {
            Id = id,
            Version = 1,
            Sku = e.Sku,
            SkuKey = Products.Sku.Key(e.Sku),
            Name = e.Name,
            OnHand = e.InitialQuantity,
        },
        (null, _) => throw new InvalidOperationException($"Stream {id} begins with {@event.GetType().Name}, not ProductCreated."),
        (_, ProductRenamed e) => state.Next() with { Name = e.Name },
        (_, StockAdjusted e) => state.Next() with { OnHand = state.OnHand + e.Delta },
        (_, ProductDiscontinued) => state.Next() with { Discontinued = true },
        _ => state.Next(),
    };

    /// <inheritdoc/>
    public static Product Unfold(Product after, object @event) => @event switch
    {
        ProductRenamed e => after.Previous() with { Name = e.PreviousName },
        StockAdjusted e => after.Previous() with { OnHand = after.OnHand - e.Delta },
        ProductDiscontinued => after.Previous() with { Discontinued = false },
        _ => after.Previous(),
    };

    /// <inheritdoc/>
    public static string Describe(object @event, Product after) => @event switch
    {
        ProductCreated e => $"created as “{e.Name}” ({e.Sku}), {Units(e.InitialQuantity)} on hand",
        ProductRenamed e => $"“{e.PreviousName}” → “{e.Name}”",
        StockAdjusted e => $"{Signed(e.Delta)} ({Joined(e.Reason, e.Reference)}), {Units(after.OnHand)} on hand",
        ProductDiscontinued { Reason: null } => "discontinued",
        ProductDiscontinued e => $"discontinued ({e.Reason})",
        _ => @event.GetType().Name,
    };

    private Product Next() => this with { Version = Version + 1 };

    private Product Previous() => this with { Version = Version - 1 };

    private static string Units(int units) => units.ToString(CultureInfo.InvariantCulture);

    private static string Signed(int delta) => (delta < 0 ? "−" : "+") + Units(Math.Abs(delta));

    private static string Joined(string reason, string? reference) => reference is null ? reason : $"{reason} {reference}";
}
