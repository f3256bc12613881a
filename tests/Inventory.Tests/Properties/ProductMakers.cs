using System.Reflection;
using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
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
        [typeof(RenameProduct)] = (draw, product) => new RenameProduct(product.Id, draw.Word),
    };

    /// <summary>How a product comes by an event: by a command that is accepted or, as long as none makes it, where it is legal.</summary>
    public static IReadOnlyDictionary<Type, Maker> OfEvents { get; } = new Dictionary<Type, Maker>
    {
        [typeof(ProductRenamed)] = By<RenameProduct>(),
        [typeof(StockAdjusted)] = By<AdjustStock>(),
        // Seldom, because little can happen to a product afterwards.
        [typeof(ProductDiscontinued)] = new((draw, product) => product.Discontinued ? [] : [new ProductDiscontinued(draw.WordOrNone)], Weight: 1),
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

    private static Maker By<TCommand>() where TCommand : ICommand<Product> => new((draw, product) =>
        Command(typeof(TCommand), draw, product).DecideOn(product, Example.Now) is Decision.Accepted accepted ? accepted.Events : []);

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
