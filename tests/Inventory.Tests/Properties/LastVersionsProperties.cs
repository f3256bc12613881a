using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Tests.Properties;

/// <summary>What a product remembers of its life says of every command and every version seen what the events themselves say.</summary>
public sealed class LastVersionsProperties
{
    private static readonly IReadOnlyList<OnConflictAttribute> Policies =
    [
        .. typeof(Product).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(ICommand<Product>)))
            .Select(ConflictPolicies.Of),
    ];

    [Fact]
    public void Whether_and_where_something_clashes_is_remembered_as_the_events_have_it() =>
        Repeatable.ForAll(Story.Any, Story.Simpler, story =>
        {
            Assert.NotEmpty(Policies);
            Hold(story.Life, story.Product.LastVersions!, from: 0);
        });

    [Fact]
    public void What_begins_in_the_middle_of_a_life_knows_from_where() =>
        Repeatable.ForAll(Story.Any, Story.Simpler, story =>
        {
            // A snapshot that an earlier version of the service wrote has forgotten everything.
            var middle = story.Life.Count / 2;
            var state = story.Life[middle].After with { LastVersions = null };
            state = story.Life.Skip(middle + 1).Aggregate(state, (folded, lived) => Product.Fold(folded, folded.Id, lived.Event));
            if (state.LastVersions is { } last)
            {
                Hold(story.Life, last, from: middle + 1);
            }
        });

    [Fact]
    public void What_belongs_to_another_version_is_begun_anew()
    {
        var told = LastVersions.After(null, 7, typeof(StockAdjusted));
        Assert.Equal((7L, 6L), (told.UpTo, told.From));

        // An old node has written version 8 and dropped what it does not know of.
        var anew = LastVersions.After(told, 9, typeof(ProductRenamed));

        Assert.Equal((9L, 8L), (anew.UpTo, anew.From));
        Assert.Equal(["ProductRenamed"], anew.Of.Keys);
    }

    [Fact]
    public void A_part_has_a_last_version_of_its_own()
    {
        var last = LastVersions.After(LastVersions.After(null, 1, typeof(StockAdjusted), "shop"), 2, typeof(StockAdjusted), "warehouse");

        Assert.Equal((1L, 2L), (last.Of["StockAdjusted@shop"], last.Of["StockAdjusted@warehouse"]));
        Assert.Null(last.NewestAfter(0, ["StockAdjusted"]));
    }

    private static void Hold(IReadOnlyList<Lived> life, LastVersions last, long from)
    {
        Assert.Equal((life.Count, from), (last.UpTo, last.From));
        foreach (var policy in Policies)
        {
            for (var seen = Math.Max(from, 1); seen <= life.Count; seen++)
            {
                var clashing = life.Index().Where(lived => lived.Index + 1 > seen && policy.Clashes(lived.Item.Event.GetType())).Select(lived => lived.Index + 1L);
                Assert.Equal(clashing.Select(version => (long?)version).Max(), last.NewestAfter(seen, policy.CompatibleNames));
            }
        }
    }
}
