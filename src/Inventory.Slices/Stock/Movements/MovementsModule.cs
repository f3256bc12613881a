using JasperFx.Events.Projections;
using Marten;

namespace Inventory.Slices.Stock;

/// <summary>What the movements add to the store.</summary>
public static class MovementsModule
{
    /// <summary>Registers their table and what writes it.</summary>
    public static IServiceCollection AddMovements(this IServiceCollection services) => services.ConfigureMarten(options =>
    {
        options.Storage.ExtendedSchemaObjects.Add(new MovementTable(options.DatabaseSchemaName));
        options.Projections.Add(new MovementProjection(), ProjectionLifecycle.Async, MovementProjection.Name);
    });
}
