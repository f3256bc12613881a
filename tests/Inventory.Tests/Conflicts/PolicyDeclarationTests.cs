using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using JasperFx.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wolverine;

namespace Inventory.Tests.Conflicts;

public sealed record LetterPosted;

public sealed record LetterMoved;

public sealed record LetterOpened;

public sealed record LetterBurnt;

public sealed record Letter(Guid Id, long Version) : IAggregate<Letter>
{
    public static IReadOnlyList<Type> LaterEventTypes => [typeof(LetterMoved), typeof(LetterOpened), typeof(LetterBurnt)];

    public static Letter Fold(Letter? state, Guid id, object @event) => new(id, (state?.Version ?? 0) + 1);

    public static Letter Unfold(Letter after, object @event) => after with { Version = after.Version - 1 };

    public static string Describe(object @event, Letter after) => @event.GetType().Name;
}

public sealed record Undeclared(Guid LetterId);

[OnConflict(Resolve.Retry)]
[OnConflict(Resolve.Reject)]
public sealed record DeclaredTwice(Guid LetterId);

[OnConflict(Resolve.Retry, StartsStream = true)]
public sealed record StartsButRetries(Guid LetterId);

[OnConflict(Resolve.Retry)]
public sealed record Undecided(Guid LetterId);

[OnConflict(Resolve.Merge, ClashesWith = [typeof(LetterBurnt)], CompatibleWith = [typeof(LetterMoved)])]
public sealed record SilentAboutRename(Guid LetterId) : Declared<SilentAboutRename>;

[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(LetterBurnt), typeof(LetterMoved)], CompatibleWith = [typeof(LetterMoved), typeof(LetterOpened)])]
public sealed record OfTwoMinds(Guid LetterId) : Declared<OfTwoMinds>;

[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(LetterBurnt), typeof(LetterPosted)], CompatibleWith = [typeof(LetterMoved), typeof(LetterOpened)])]
public sealed record ClashesWithTheFirst(Guid LetterId) : Declared<ClashesWithTheFirst>;

[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(LetterBurnt)], CompatibleWith = [typeof(LetterMoved), typeof(LetterOpened), typeof(LetterPosted)])]
public sealed record CompatibleWithTheFirst(Guid LetterId) : Declared<CompatibleWithTheFirst>;

[OnConflict(Resolve.Merge, CompatibleWith = [typeof(LetterBurnt), typeof(LetterMoved), typeof(LetterOpened)])]
public sealed record MergeWithoutClashes(Guid LetterId) : Declared<MergeWithoutClashes>;

[OnConflict(Resolve.Retry, ClashesWith = [typeof(LetterOpened)], CompatibleWith = [typeof(LetterMoved), typeof(LetterBurnt)])]
public sealed record RetryWithClashes(Guid LetterId) : Declared<RetryWithClashes>;

[OnConflict(Resolve.Reject, Folds = true, ClashesWith = [typeof(LetterOpened)], CompatibleWith = [typeof(LetterMoved), typeof(LetterBurnt)])]
public sealed record RejectsAndFolds(Guid LetterId) : Declared<RejectsAndFolds>;

public abstract record Declared<TSelf> : ICommand<Declared<TSelf>, Letter>
{
    static Decision ICommand<Declared<TSelf>, Letter>.Decide(Declared<TSelf> command, Letter current, DateTimeOffset now) => Decision.Accept();
}

public static class UndeclaredHandler
{
    public static void Handle(Undeclared command, IEventStream<Letter> stream)
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
    [InlineData(typeof(SilentAboutRename), "add it to ClashesWith of its [OnConflict], else to CompatibleWith: typeof(LetterOpened)")]
    [InlineData(typeof(OfTwoMinds), "says of LetterMoved both that it clashes and that it does not")]
    [InlineData(typeof(ClashesWithTheFirst), "add it to Letter.LaterEventTypes")]
    [InlineData(typeof(CompatibleWithTheFirst), "names LetterPosted, which may not follow the first event of a Letter stream")]
    [InlineData(typeof(MergeWithoutClashes), "or declare Resolve.Retry")]
    [InlineData(typeof(RejectsAndFolds), "Remove Folds")]
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
