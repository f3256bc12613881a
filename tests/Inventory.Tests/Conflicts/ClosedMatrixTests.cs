using System.Reflection;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using JasperFx.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wolverine;

namespace Inventory.Tests.Conflicts;

public sealed record ParcelForwarded;

public sealed record ParcelLost;

public sealed record Parcel(Guid Id, long Version) : IAggregate<Parcel>
{
    public static IReadOnlyList<Type> LaterEventTypes => [typeof(ParcelForwarded), typeof(ParcelLost)];

    public static Parcel Fold(Parcel? state, Guid id, object @event) => new(id, (state?.Version ?? 0) + 1);

    public static Parcel Unfold(Parcel after, object @event) => after with { Version = after.Version - 1 };

    public static string Describe(object @event, Parcel after) => @event.GetType().Name;
}

/// <summary>As it was written when parcels were not lost yet.</summary>
[OnConflict(Resolve.Merge, ClashesWith = [typeof(ParcelForwarded)])]
public sealed record ForwardParcel(Guid ParcelId) : ICommand<ForwardParcel, Parcel>
{
    public static Decision Decide(ForwardParcel command, Parcel current, DateTimeOffset now) => Decision.Accept(new ParcelForwarded());
}

public static class ForwardParcelHandler
{
    public static void Handle(ForwardParcel command, IEventStream<Parcel> stream)
    {
    }
}

/// <summary>Every command says of every event whether it clashes, once; who adds an event is told where to say it.</summary>
public sealed class ClosedMatrixTests
{
    public static TheoryData<Type, Type> Cells =>
    [
        .. from command in typeof(Program).Assembly.GetTypes()
           from policy in command.GetCustomAttributes<OnConflictAttribute>()
           where !policy.StartsStream
           from e in ClashMatrix.LaterEventTypesOf(ClashMatrix.AggregateOf(command)!)
           select (command, e),
    ];

    [Fact]
    public void The_matrix_is_found() =>
        Assert.Contains(Cells, cell => cell.Data == (typeof(AdjustStock), typeof(ProductDiscontinued)));

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_command_says_of_an_event_once_whether_it_clashes(Type command, Type e)
    {
        var policy = Assert.Single(command.GetCustomAttributes<OnConflictAttribute>());

        Assert.Single(policy.ClashesWith.Concat(policy.CompatibleWith), said => said == e);
    }

    [Fact]
    public void An_event_that_was_added_later_has_to_be_named_by_every_command() => Assert.Equal(
        "Inventory.Tests.Conflicts.ForwardParcel does not say whether ParcelLost clashes with it. Could an event of that type, unseen, have "
        + "changed the mind of whoever sent the command? Then add it to ClashesWith of its [OnConflict], else to CompatibleWith: typeof(ParcelLost).",
        ConflictPolicies.Fault(typeof(ForwardParcel)));

    [Fact]
    public async Task A_service_with_an_open_cell_does_not_start_and_says_what_to_write_where()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddConflicts();
        builder.UseWolverine(options =>
        {
            options.Discovery.DisableConventionalDiscovery().IncludeType(typeof(ForwardParcelHandler));
            options.UseConflictPolicies();
        });
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Equal(ConflictPolicies.Fault(typeof(ForwardParcel)), refusal.Message);
    }

    [Fact]
    public void A_command_that_was_overlooked_at_the_start_is_not_executed_either()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => ConflictPolicies.Of(typeof(ForwardParcel)));

        Assert.Equal(ConflictPolicies.Fault(typeof(ForwardParcel)), refusal.Message);
    }
}
