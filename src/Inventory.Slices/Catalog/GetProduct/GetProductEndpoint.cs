using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>
/// Shows one product, exactly: the snapshot is written in the transaction of the events, so this is never stale. Or as it was, at a
/// version or a time.
/// </summary>
public static class GetProductEndpoint
{
    [WolverineGet("/products/{product}")]
    [Shows("Show a product, now or as it was", typeof(ProductView), nameof(ProblemTypes.ProductNotFound), nameof(ProblemTypes.VersionNotFound), Versioned = true)]
    [Query("version", typeof(long), "As it was at this version.")]
    [Query("at", typeof(DateTimeOffset), "As it was at this time (RFC 3339). Not together with version.")]
    public static async Task<IResult> Get(
        string product, HttpContext http, ProductReads reads, ProductPast history, ProductAddresses addresses, CancellationToken cancellation)
    {
        var (past, malformed) = PastQuery.Read(http.Request.Query);
        if (malformed is not null)
        {
            return malformed;
        }

        var address = await addresses.ResolveAsync(product, cancellation);
        if (address.Problem is { } problem)
        {
            return problem;
        }

        if (await reads.ReadAsync(address.Id) is not { } found)
        {
            return Problem.ProductNotFound(product);
        }

        if (past is not null)
        {
            var version = past.Version ?? await history.VersionAtAsync(found, past.At!.Value, cancellation);
            if (version < 1 || version > found.Version)
            {
                return NoSuchVersion(found, past);
            }

            found = await history.AtVersionAsync(found, version, cancellation);
        }

        return VersionedAnswer.Read(http.Request, found.Version, ProductView.Of(found));
    }

    private static Problem NoSuchVersion(Product now, PastQuery past) => new Problem(
            ProblemTypes.VersionNotFound,
            past.At is null ? $"The product is at version {now.Version}; there is no later one yet." : "The product did not exist at that time.")
        .With("productId", now.Id)
        .With("currentVersion", now.Version);
}
