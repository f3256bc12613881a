using JasperFx.Events.Projections;
using Marten;
using Weasel.Postgresql;

namespace Inventory.Slices.Products;

/// <summary>What the list of products adds to the store.</summary>
public static class ProductListing
{
    /// <summary>Registers its table and what writes it.</summary>
    public static IServiceCollection AddProductListing(this IServiceCollection services) => services.ConfigureMarten(options =>
    {
        // Finds what is written a little differently; part of every PostgreSQL distribution.
        options.Storage.ExtendedSchemaObjects.Add(new Extension("pg_trgm"));
        options.Storage.ExtendedSchemaObjects.Add(new ProductListTable(options.DatabaseSchemaName));
        options.Projections.Add(new ProductListProjection(), ProjectionLifecycle.Async, ProductListProjection.Name);
    });
}
