using System.Reflection;
using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using Inventory.Slices.Reservations;
using Inventory.Slices.Stock;
using Inventory.Tests.Products;

namespace Inventory.Tests.Properties;

/// <summary>
/// How to make one of every command and every event of a product, out of a draw and the state it meets. Which types there
/// are is found in the service; <see cref="ProductMakersTests"/> fails for one that is missing here.
/// </summary>
internal static class ProductMakers
{
    /// <summary>What somebody who sees this product might send.</summary>
    public static IReadOnlyDictionary<Type, Func<Draw, Product, ICommand<Product>>> OfCommands { get; } = new Dictionary<Type, Func<Draw, Product, ICommand<Product>>>
    {
        [typeof(AdjustStock)] = (draw, product) => new AdjustStock(product.Id, Delta(draw, product), draw.Word, draw.WordOrNone),
        [typeof(CommitReservation)] = (draw, product) => new CommitReservation(product.Id, OneOf(product, draw), CommitQuantity(draw, product)),
        [typeof(CountStock)] = (draw, product) => new CountStock(product.Id, Counted(draw, product), draw.WordOrNone),
        [typeof(DiscontinueProduct)] = (draw, product) => new DiscontinueProduct(product.Id, draw.WordOrNone),
        [typeof(ExpireReservation)] = (draw, product) => new ExpireReservation(product.Id, OneOf(product, draw)),
        [typeof(ReinstateProduct)] = (_, product) => new ReinstateProduct(product.Id),
        [typeof(ReleaseReservation)] = (draw, product) => new ReleaseReservation(product.Id, OneOf(product, draw)),
        [typeof(RenameProduct)] = (draw, product) => new RenameProduct(product.Id, draw.Word),
        [typeof(ReserveStock)] = (draw, product) => new ReserveStock(
            product.Id, new Guid((int)product.Version, (short)draw.Kind, 0, BitConverter.GetBytes((long)draw.Amount)), Reserved(draw, product), 60 + draw.Amount, draw.WordOrNone),
        [typeof(SetReorderPoint)] = (draw, product) => new SetReorderPoint(product.Id, draw.Kind % 4 == 0 ? null : draw.Amount),
    };

    /// <summary>How a product comes by an event: by a command that is accepted or, as long as none makes it, where it is legal.</summary>
    public static IReadOnlyDictionary<Type, Maker> OfEvents { get; } = new Dictionary<Type, Maker>
    {
        [typeof(ProductRenamed)] = By<RenameProduct>(),
        [typeof(StockAdjusted)] = By<AdjustStock>(),
        [typeof(StockCounted)] = By<CountStock>(),
        [typeof(ReorderPointSet)] = By<SetReorderPoint>(),
        // Often, because three other events need one.
        [typeof(StockReserved)] = By<ReserveStock>(weight: 16),
        [typeof(ReservationCommitted)] = By<CommitReservation>(),
        [typeof(ReservationReleased)] = By<ReleaseReservation>(),
        [typeof(ReservationExpired)] = By<ExpireReservation>(),
        // Seldom, because little can happen to a product afterwards.
        [typeof(ProductDiscontinued)] = By<DiscontinueProduct>(weight: 4),
        [typeof(ProductReinstated)] = By<ReinstateProduct>(weight: 32),
    };

    /// <summary>What a life has to end in so that a command, or an event, makes sense after it. The others make sense in most lives.</summary>
    public static IReadOnlyDictionary<Type, Type> Before { get; } = new Dictionary<Type, Type>
    {
        [typeof(CommitReservation)] = typeof(StockReserved),
        [typeof(ReleaseReservation)] = typeof(StockReserved),
        [typeof(ExpireReservation)] = typeof(StockReserved),
        [typeof(ReservationCommitted)] = typeof(StockReserved),
        [typeof(ReservationReleased)] = typeof(StockReserved),
        [typeof(ReservationExpired)] = typeof(StockReserved),
        [typeof(ReinstateProduct)] = typeof(ProductDiscontinued),
        [typeof(ProductReinstated)] = typeof(ProductDiscontinued),
    };

    /// <summary>Every command of the service that changes a product.</summary>
    public static IReadOnlyList<Type> CommandTypes { get; } =
    [
        .. typeof(Program).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(ICommand<Product>)) && type.GetCustomAttributes<OnConflictAttribute>().Any())
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <summary>Makes a command of a type.</summary>
    public static ICommand<Product> Command(Type type, Draw draw, Product product) => OfCommands.TryGetValue(type, out var make)
        ? make(draw, product)
        : throw Missing(type, nameof(OfCommands), $"[typeof({type.Name})] = (draw, product) => new {type.Name}(product.Id, …)");

    /// <summary>The events by which one of a type comes about on a state; none where that is not legal.</summary>
    public static IReadOnlyList<object> Happens(Type type, Draw draw, Product product) => Maker(type).Make(draw, product);

    public static Maker Maker(Type type) => OfEvents.TryGetValue(type, out var maker)
        ? maker
        : throw Missing(type, nameof(OfEvents), $"[typeof({type.Name})] = By<…the command that makes it>()");

    private static Maker By<TCommand>(int weight = 8) where TCommand : ICommand<Product> => new(
        (draw, product) => Command(typeof(TCommand), draw, product).DecideOn(product, Example.Now) is Decision.Accepted accepted ? accepted.Events : [],
        weight);

    /// <summary>Mostly an open reservation, the newest first; seldom a closed one, and one that never was where there is none.</summary>
    private static Guid OneOf(Product product, Draw draw)
    {
        var fitting = product.Reservations.Values
            .Where(reservation => draw.Kind == Draw.KindMax || reservation.Status == ReservationStatus.Open)
            .OrderByDescending(reservation => reservation.Id)
            .ToList();
        return fitting.Count == 0 ? Guid.AllBitsSet : fitting[draw.Amount % Math.Min(3, fitting.Count)].Id;
    }

    /// <summary>Mostly all of it; else a part, or one more than there is.</summary>
    private static int? CommitQuantity(Draw draw, Product product)
    {
        var reserved = product.Reservations.GetValueOrDefault(OneOf(product, draw))?.Quantity ?? 1;
        return draw.Kind switch { 1 => 1, 2 => (reserved + 1) / 2, 3 => reserved + 1, _ => null };
    }

    /// <summary>Mostly a few units; else just what is available or one more.</summary>
    private static int Reserved(Draw draw, Product product) => Math.Clamp(
        draw.Kind switch { 5 => product.Available, 6 => product.Available + 1, _ => (draw.Amount % 5) + 1 }, 1, ProductLimits.AdjustmentUnitsMax);

    /// <summary>Mostly what is there or nearly; else what is reserved or one less, or anything.</summary>
    private static int Counted(Draw draw, Product product) => Math.Clamp(
        draw.Kind switch { 5 => product.Reserved, 6 => product.Reserved - 1, 7 => draw.Amount, _ => product.OnHand + (draw.Amount % 7) - 3 },
        0, ProductLimits.QuantityUnitsMax);

    /// <summary>Mostly a few units; else just what is available or one more, just what there is room for or one more, or many.</summary>
    private static int Delta(Draw draw, Product product)
    {
        var few = draw.Amount + 1;
        var delta = draw.Kind switch
        {
            5 => -product.Available,
            6 => -product.Available - 1,
            7 => ProductLimits.QuantityUnitsMax - product.OnHand,
            8 => ProductLimits.QuantityUnitsMax - product.OnHand + 1,
            var kind => kind % 2 == 0 ? -few : few,
        };
        return Math.Clamp(delta, -ProductLimits.AdjustmentUnitsMax, ProductLimits.AdjustmentUnitsMax) is not 0 and var allowed ? allowed : 1;
    }

    private static InvalidOperationException Missing(Type type, string table, string line) => new(
        $"No property is tried on {type.FullName} yet. Say how to make one: add {line} to {nameof(ProductMakers)}.{table} "
        + "(tests/Inventory.Tests/Properties/ProductMakers.cs).");
}

/// <summary>How an event comes about.</summary>
/// <param name="Make">The events that come of it on a state; none where it is not legal.</param>
/// <param name="Weight">How often it is tried, in proportion to the others.</param>
internal sealed record Maker(Func<Draw, Product, IReadOnlyList<object>> Make, int Weight = 8);
