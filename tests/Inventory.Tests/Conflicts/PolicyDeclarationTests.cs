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

[OnConflict(Resolve.Merge)]
public sealed record MergeWithoutClashes(Guid ProductId);

[OnConflict(Resolve.Retry, ClashesWith = [typeof(ProductRenamed)])]
public sealed record RetryWithClashes(Guid ProductId);

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
    [InlineData(typeof(MergeWithoutClashes), "list them in ClashesWith")]
    [InlineData(typeof(RetryWithClashes), "remove ClashesWith")]
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
