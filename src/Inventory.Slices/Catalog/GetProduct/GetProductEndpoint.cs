using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>
/// Shows one product, exactly: the snapshot is written in the transaction of the events, so this is never stale.
/// </summary>
public static class GetProductEndpoint
{
    [WolverineGet("/products/{product}")]
    public static async Task<IResult> Get(
        string product, HttpContext http, ProductReads reads, ProductAddresses addresses, CancellationToken cancellation)
    {
        var address = await addresses.ResolveAsync(product, cancellation);
        if (address.Problem is { } problem)
        {
            return problem;
        }

        return await reads.ReadAsync(address.Id) is { } found
            ? VersionedAnswer.Read(http.Request, found.Version, ProductView.Of(found))
            : Problem.ProductNotFound(product);
    }
}
