using Inventory.Conflicts;
using Inventory.Slices.Products;
using Marten;
using Wolverine.Attributes;

namespace Inventory.Slices.Catalog;

/// <summary>Brings a product into the catalogue and starts its stream.</summary>
/// <param name="ProductId">The new product's id.</param>
/// <param name="Sku">Its stock keeping unit; unique without case.</param>
/// <param name="Name">Its name: 1 to <see cref="ProductLimits.NameRunesMax"/> Unicode scalar values, NFC.</param>
/// <param name="InitialQuantity">Units on hand at the start, 0 to <see cref="ProductLimits.QuantityUnitsMax"/>.</param>
[OnConflict(Resolve.Reject, StartsStream = true)]
[RefusedBy(typeof(SkuTaken), typeof(IdTaken))]
public sealed record CreateProduct(Guid ProductId, string Sku, string Name, int InitialQuantity)
{
    /// <summary>An id and a stock keeping unit name one product only.</summary>
    /// <param name="command">The command.</param>
    /// <param name="sameId">The product that has the id already, if any.</param>
    /// <param name="sameSku">The product that has the stock keeping unit already, if any.</param>
    public static Decision Decide(CreateProduct command, Product? sameId, Product? sameSku) => (sameId, sameSku) switch
    {
        (_, { } taken) => Decision.Refuse(new SkuTaken(taken.Sku, taken.Id)),
        ({ } taken, _) => Decision.Refuse(new IdTaken(taken.Id)),
        _ => Decision.Accept(new ProductCreated(command.Sku, command.Name, command.InitialQuantity)),
    };
}

/// <summary>Decides <see cref="CreateProduct"/>. Two at once are kept apart by the stream's id and the SKU's unique index.</summary>
public static class CreateProductHandler
{
    [Transactional]
    public static Task<Outcome<Product>> Handle(
        CreateProduct command, IDocumentSession session, Deciding<Product> deciding, CancellationToken cancellation) =>
        deciding.StartAsync(command.ProductId, command, () => DecideAsync(command, session, cancellation), cancellation);

    private static async Task<Decision> DecideAsync(CreateProduct command, IDocumentSession session, CancellationToken cancellation)
    {
        var skuKey = Sku.Key(command.Sku);
        var sameId = await session.LoadAsync<Product>(command.ProductId, cancellation);
        var sameSku = await session.Query<Product>().FirstOrDefaultAsync(p => p.SkuKey == skuKey, cancellation);
        return CreateProduct.Decide(command, sameId, sameSku);
    }
}
