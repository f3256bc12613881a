using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.Events.Projections;
using Marten;
using Wolverine;

namespace Inventory.Slices.Reservations;

/// <summary>What the reservations add to the service.</summary>
public static class ReservationsModule
{
    /// <summary>
    /// How many reservations whose time is over are ended at once on one node; those of one product share a commit. They wait for
    /// it in their products' lines, without a connection; what the queue writes down of them takes one or two of those that are
    /// kept for messages (<see cref="AdmissionOptions.Messages"/>).
    /// </summary>
    private const int EndedAtOnce = 64;

    /// <summary>Registers their table, what writes it, and what reads it.</summary>
    public static IServiceCollection AddReservations(this IServiceCollection services)
    {
        services.AddSingleton<ReservationRecords>();
        services.AddSingleton<IParts<Product>>(provider => provider.GetRequiredService<ReservationRecords>());
        services.ConfigureMarten(options =>
        {
            options.Storage.ExtendedSchemaObjects.Add(new ReservationTable(options.DatabaseSchemaName));
            options.Projections.Add(new ReservationWriter(), ProjectionLifecycle.Inline);
        });
        return services;
    }

    /// <summary>Keeps what is due in the database until it is done, so that another node does it when this one dies.</summary>
    public static void UseReservations(this WolverineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.LocalQueueFor<ReservationDue>().UseDurableInbox().MaximumParallelMessages(EndedAtOnce);
    }
}
