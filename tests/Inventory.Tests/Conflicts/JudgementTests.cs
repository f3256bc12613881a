using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Products;

namespace Inventory.Tests.Conflicts;

/// <summary>The rule by which a command meets the state, case by case.</summary>
public sealed class JudgementTests
{
    /// <summary>A product at version 3.</summary>
    private static readonly Product Current = Example.Product(10, new ProductRenamed("Widget", "Widgit"), new StockAdjusted(-2, "sale", null));

    private static readonly RenameProduct Rename = new(Example.Id, "Gadget");

    private static readonly Change Clashing = new(2, nameof(ProductRenamed), "“Widgit” → “Widget”", "bob", Example.Now, Clashes: true);

    private static readonly Change Compatible = new(3, nameof(StockAdjusted), "−2 (sale), 8 on hand", "bob", Example.Now, Clashes: false);

    [Fact]
    public void Who_named_a_seen_version_decided_on_that() => Assert.Equal(2, Judgement.SeenVersion(new Precondition.Seen(2), 3, 1));

    [Fact]
    public void Who_named_nothing_decided_on_what_was_loaded_first()
    {
        Assert.Equal(1, Judgement.SeenVersion(Precondition.None, 3, 1));
        Assert.Equal(1, Judgement.SeenVersion(new Precondition.AnyVersion(), 3, 1));
    }

    [Theory]
    [InlineData(new long[] { 3, 2, 1 }, 3L)]
    [InlineData(new long[] { 1, 2, 4 }, 2L)]
    [InlineData(new long[] { 0, -1, 4 }, null)]
    [InlineData(new long[] { 1 }, 1L)]
    [InlineData(new long[0], null)]
    public void Who_named_versions_saw_the_newest_that_there_is(long[] versions, long? seen) =>
        Assert.Equal(seen, Judgement.SeenVersion(new Precondition.AtVersion(versions), 3, 1));

    [Fact]
    public void A_version_that_is_not_there_yet_cannot_have_been_seen()
    {
        Assert.Equal(new Outcome<Product>.SeenVersionAhead(4, 3), Judge(Rename, new Precondition.Seen(4)).Outcome);
        Assert.IsType<Outcome<Product>.Accepted>(Judge(Rename, new Precondition.Seen(3)).Outcome);
    }

    [Fact]
    public void An_accepted_command_has_its_events_and_the_state_after_them()
    {
        var (outcome, events) = Judge(Rename, Precondition.None);

        Assert.Equal([new ProductRenamed("Gadget", "Widget")], events);
        var accepted = Assert.IsType<Outcome<Product>.Accepted>(outcome);
        Assert.Equal((4L, "Gadget"), (accepted.State.Version, accepted.State.Name));
        Assert.Empty(accepted.MergedWith);
    }

    [Fact]
    public void Who_named_a_seen_version_is_told_what_it_was_merged_with_and_nobody_else()
    {
        var unseen = new UnseenEvents([Compatible], 1, 0);

        Assert.Equal([Compatible], Assert.IsType<Outcome<Product>.Accepted>(Judge(Rename, new Precondition.Seen(2), unseen).Outcome).MergedWith);
        Assert.Empty(Assert.IsType<Outcome<Product>.Accepted>(Judge(Rename, Precondition.None, unseen).Outcome).MergedWith);
    }

    [Fact]
    public void A_refused_command_has_no_events_and_the_state_that_stands_against_it()
    {
        var (outcome, events) = Judge(new AdjustStock(Example.Id, -9, "sale", null), Precondition.None);

        Assert.Equal(new Outcome<Product>.Refused(new InsufficientStock(9, 8), Current), outcome);
        Assert.Empty(events);
    }

    [Fact]
    public void What_clashes_is_told_with_what_the_command_would_do_now()
    {
        var unseen = new UnseenEvents([Clashing, Compatible], 2, 1);

        var (outcome, events) = Judge(Rename, new Precondition.Seen(1), unseen);

        Assert.Empty(events);
        var conflict = Assert.IsType<Outcome<Product>.Conflicted>(outcome).Conflict;
        Assert.Equal(("RenameProduct", false, 1L, Current, unseen), (conflict.Command, conflict.Strict, conflict.SeenVersion!.Value, conflict.Current, conflict.Unseen));
        Assert.Equal([new OwnChange("ProductRenamed", "“Widget” → “Gadget”")], conflict.Own);
        Assert.Null(conflict.Options);
    }

    [Fact]
    public void What_would_be_refused_anyway_would_do_nothing() =>
        Assert.Empty(Assert.IsType<Outcome<Product>.Conflicted>(
            Judge(new AdjustStock(Example.Id, -9, "sale", null), Precondition.None, new UnseenEvents([Clashing], 1, 1)).Outcome).Conflict.Own);

    [Fact]
    public void A_strict_condition_holds_at_its_versions_whatever_happened()
    {
        var unseen = new UnseenEvents([Clashing], 1, 1);

        Assert.IsType<Outcome<Product>.Accepted>(Judge(Rename, new Precondition.AtVersion([2, 3]), unseen).Outcome);
        Assert.True(Assert.IsType<Outcome<Product>.Conflicted>(Judge(Rename, new Precondition.AtVersion([2]), UnseenEvents.None).Outcome).Conflict.Strict);
    }

    [Fact]
    public void A_conflict_that_can_be_settled_says_how()
    {
        var seen = Example.Product(10);

        var conflict = Assert.IsType<Outcome<Product>.Conflicted>(Judge(
            new CountStock(Example.Id, 7, null), new Precondition.Seen(1), new UnseenEvents([Compatible], 1, 1), seen).Outcome).Conflict;

        Assert.Equal(["keepCounted", "keepDifference"], conflict.Options!.Keys.Order());
    }

    [Fact]
    public void A_conflict_that_its_sender_has_settled_is_decided_so()
    {
        var command = new CountStock(Example.Id, 7, null, CountConflict.KeepDifference);
        var unseen = new UnseenEvents([Compatible], 1, 1);

        Assert.Equal([new StockCounted(5, 8, null)], Judge(command, new Precondition.Seen(1), unseen, Example.Product(10)).Events);
        // Not when the state that was seen is not at hand, nor when an exact version was asked for.
        Assert.IsType<Outcome<Product>.Conflicted>(Judge(command, new Precondition.Seen(1), unseen).Outcome);
        Assert.IsType<Outcome<Product>.Conflicted>(Judge(command, new Precondition.AtVersion([1]), unseen, Example.Product(10)).Outcome);
    }

    [Fact]
    public void A_way_of_settling_counts_only_when_there_is_a_conflict() =>
        Assert.Equal(
            [new StockCounted(7, 8, null)],
            Judge(new CountStock(Example.Id, 7, null, CountConflict.KeepDifference), new Precondition.Seen(3), null, Example.Product(10)).Events);

    [Fact]
    public void Events_are_folded_in_order() =>
        Assert.Equal("Gadget", Judgement.Fold<Product>(null, Example.Id, [new ProductCreated("W-1", "A", 1), new ProductRenamed("B", "A"), new ProductRenamed("Gadget", "B")])!.Name);

    private static (Outcome<Product> Outcome, IReadOnlyList<object> Events) Judge(
        ICommand<Product> command, Precondition precondition, UnseenEvents? unseen = null, Product? seen = null) =>
        Judgement.Of(command, precondition, Current, Judgement.SeenVersion(precondition, Current.Version, 1), unseen ?? UnseenEvents.None, Example.Now, seen);
}
