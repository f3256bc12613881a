using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Marten;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>
/// Shows one product, exactly: the snapshot is written in the transaction of the events, so this is never stale.
/// </summary>
public static class GetProductEndpoint
{
    [WolverineGet("/products/{product}")]
    public static async Task<IResult> Get(
        string product, HttpContext http, IQuerySession session, ProductAddresses addresses, CancellationToken cancellation)
    {
        var address = await addresses.ResolveAsync(product, cancellation);
        if (address.Problem is { } problem)
        {
            return problem;
        }

        return await session.LoadAsync<Product>(address.Id, cancellation) is { } found
            ? VersionedAnswer.Read(http.Request, found.Version, ProductView.Of(found))
            : Problem.ProductNotFound(product);
    }
}
