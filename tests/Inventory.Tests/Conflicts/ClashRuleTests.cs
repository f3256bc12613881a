using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;

namespace Inventory.Tests.Conflicts;

public sealed class ClashRuleTests
{
    [Fact]
    public void What_a_command_is_compatible_with_does_not_clash_and_all_else_does()
    {
        var policy = new OnConflictAttribute(Resolve.Merge) { ClashesWith = [typeof(ProductRenamed)], CompatibleWith = [typeof(StockAdjusted)] };

        Assert.True(policy.Clashes(typeof(ProductRenamed)));
        Assert.False(policy.Clashes(typeof(StockAdjusted)));
        // Nobody named it.
        Assert.True(policy.Clashes(typeof(StockCounted)));
    }

    [Theory]
    [InlineData(Resolve.Merge, false, true)]
    [InlineData(Resolve.Retry, false, false)]
    [InlineData(Resolve.Retry, true, true)]
    [InlineData(Resolve.Reject, false, false)]
    public void What_is_merged_is_folded_and_what_says_so(Resolve resolve, bool folds, bool isFolded) =>
        Assert.Equal(isFolded, new OnConflictAttribute(resolve) { Folds = folds }.IsFolded);

    [Fact]
    public void A_command_says_which_aggregate_it_changes_one_or_many_of()
    {
        Assert.Equal(typeof(Product), ClashMatrix.AggregateOf(typeof(AdjustStock)));
        Assert.Equal(typeof(Product), ClashMatrix.AggregateOf(typeof(AdjustMany)));
        Assert.Null(ClashMatrix.AggregateOf(typeof(Undecided)));
        // Generic, but no command.
        Assert.Null(ClashMatrix.AggregateOf(typeof(List<int>)));
    }

    [Fact]
    public void Later_changes_are_told_after_the_ones_before_and_only_the_newest()
    {
        Change Told(long version, bool clashes = false) => new(version, "Event", "", "bob", default, clashes);
        var before = new UnseenEvents([.. Enumerable.Range(1, UnseenEvents.ListedMax).Select(version => Told(version))], 250, 3);

        var all = before.And([Told(251, clashes: true), Told(252)]);

        Assert.Equal([.. Enumerable.Range(3, UnseenEvents.ListedMax - 2).Select(version => (long)version), 251, 252], all.Listed.Select(change => change.Version));
        Assert.Equal((252L, 4L), (all.Count, all.ClashCount));
        Assert.Same(before, before.And([]));
        Assert.Equal([1L, 2L], UnseenEvents.None.And([Told(1)]).And([Told(2)]).Listed.Select(change => change.Version));
    }
}
