using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using JasperFx.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wolverine;

namespace Inventory.Tests.Conflicts;

public sealed record Undeclared(Guid ProductId);

[OnConflict(Resolve.Retry)]
[OnConflict(Resolve.Reject)]
public sealed record DeclaredTwice(Guid ProductId);

[OnConflict(Resolve.Retry, StartsStream = true)]
public sealed record StartsButRetries(Guid ProductId);

[OnConflict(Resolve.Retry)]
public sealed record Undecided(Guid ProductId);

[OnConflict(Resolve.Merge, ClashesWith = [typeof(ProductDiscontinued)], CompatibleWith = [typeof(StockAdjusted)])]
public sealed record SilentAboutRename(Guid ProductId) : Declared<SilentAboutRename>;

[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(ProductDiscontinued), typeof(StockAdjusted)], CompatibleWith = [typeof(StockAdjusted), typeof(ProductRenamed)])]
public sealed record OfTwoMinds(Guid ProductId) : Declared<OfTwoMinds>;

[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(ProductDiscontinued), typeof(ProductCreated)], CompatibleWith = [typeof(StockAdjusted), typeof(ProductRenamed)])]
public sealed record ClashesWithTheFirst(Guid ProductId) : Declared<ClashesWithTheFirst>;

[OnConflict(Resolve.Merge, CompatibleWith = [typeof(ProductDiscontinued), typeof(StockAdjusted), typeof(ProductRenamed)])]
public sealed record MergeWithoutClashes(Guid ProductId) : Declared<MergeWithoutClashes>;

[OnConflict(Resolve.Retry, ClashesWith = [typeof(ProductRenamed)], CompatibleWith = [typeof(StockAdjusted), typeof(ProductDiscontinued)])]
public sealed record RetryWithClashes(Guid ProductId) : Declared<RetryWithClashes>;

public abstract record Declared<TSelf> : ICommand<Declared<TSelf>, Product>
{
    static Decision ICommand<Declared<TSelf>, Product>.Decide(Declared<TSelf> command, Product current, DateTimeOffset now) => Decision.Accept();
}

public static class UndeclaredHandler
{
    public static void Handle(Undeclared command, IEventStream<Product> stream)
    {
    }
}

public static class DeclaredTwiceHandler
{
    public static void Handle(DeclaredTwice command)
    {
    }
}

public sealed class PolicyDeclarationTests
{
    [Theory]
    [InlineData(typeof(Undeclared), "Put [OnConflict(Resolve.Retry)]")]
    [InlineData(typeof(DeclaredTwice), "declares 2 conflict policies (Retry, Reject)")]
    [InlineData(typeof(StartsButRetries), "declare [OnConflict(Resolve.Reject, StartsStream = true)]")]
    [InlineData(typeof(Undecided), "Let it implement ICommand<Undecided, …>")]
    [InlineData(typeof(SilentAboutRename), "add it to ClashesWith of its [OnConflict], else to CompatibleWith: typeof(ProductRenamed)")]
    [InlineData(typeof(OfTwoMinds), "says of StockAdjusted both that it clashes and that it does not")]
    [InlineData(typeof(ClashesWithTheFirst), "add it to Product.LaterEventTypes")]
    [InlineData(typeof(MergeWithoutClashes), "or declare Resolve.Retry")]
    [InlineData(typeof(RetryWithClashes), "or declare Resolve.Merge")]
    public void A_faulty_declaration_says_what_to_write_where(Type command, string advice)
    {
        var fault = ConflictPolicies.Fault(command);

        Assert.Contains(advice, fault, StringComparison.Ordinal);
        Assert.Contains(command.FullName!, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_proper_declaration_has_no_fault() => Assert.Null(ConflictPolicies.Fault(typeof(RenameProduct)));

    [Theory]
    [InlineData(typeof(UndeclaredHandler), nameof(Undeclared))]
    [InlineData(typeof(DeclaredTwiceHandler), nameof(DeclaredTwice))]
    public async Task The_service_refuses_to_start_with_a_faulty_declaration(Type handler, string command)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddConflicts();
        builder.UseWolverine(options =>
        {
            options.Discovery.DisableConventionalDiscovery().IncludeType(handler);
            options.UseConflictPolicies();
        });
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(command, refusal.Message, StringComparison.Ordinal);
    }
}
