using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>
/// Shows one product, exactly: the snapshot is written in the transaction of the events, so this is never stale. Or as
/// it was, at a version or a time.
/// </summary>
public static class GetProductEndpoint
{
    [WolverineGet("/products/{product}")]
    [Shows("Show a product, now or as it was", typeof(ProductView), nameof(ProblemTypes.ProductNotFound), nameof(ProblemTypes.VersionNotFound), nameof(ProblemTypes.Overloaded), Versioned = true)]
    [Query("version", typeof(long), "As it was at this version.")]
    [Query("at", typeof(DateTimeOffset), "As it was at this time (RFC 3339). Not together with version.")]
    public static async Task<IResult> Get(
        string product, HttpContext http, ProductReads products, ProductPast history, ProductAddresses addresses, DatabaseReads reads,
        CancellationToken cancellation)
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

        if (await products.ReadAsync(address.Id, cancellation) is not { } found)
        {
            return Problem.ProductNotFound(product);
        }

        if (past is not null)
        {
            var then = await reads.ReadAsync(Work.ExactRead, ct => ThenAsync(history, found, past, ct), cancellation);
            if (then is not { Product: { } known })
            {
                return then is null ? DatabaseReads.Overloaded : NoSuchVersion(found, past);
            }

            found = known;
        }

        return VersionedAnswer.Read(http.Request, found.Version, ProductView.Of(found));
    }

    private static async Task<ProductThen> ThenAsync(
        ProductPast history, Product now, PastQuery past, CancellationToken cancellation)
    {
        var version = past.Version ?? await history.VersionAtAsync(now, past.At!.Value, cancellation);
        return new ProductThen(
            version < 1 || version > now.Version ? null : await history.AtVersionAsync(now, version, cancellation));
    }

    private static Problem NoSuchVersion(Product now, PastQuery past) => new Problem(
            ProblemTypes.VersionNotFound,
            past.At is null ? $"The product is at version {now.Version}; there is no later one yet." : "The product did not exist at that time.")
        .With("productId", now.Id)
        .With("currentVersion", now.Version);

    /// <summary>The product as it was; null when it had no such version.</summary>
    private sealed record ProductThen(Product? Product);
}
