using Inventory.Slices.Products;

namespace Inventory.Tests.Properties;

/// <summary>What a conflict tells of the past it tells backwards from today's state, without reading the stream from its beginning.</summary>
public sealed class WordsProperties
{
    [Fact]
    public void A_life_told_backwards_is_told_in_the_words_in_which_it_happened() => Repeatable.ForAll(Story.Any, Story.Simpler, story =>
    {
        var today = story.Product;
        foreach (var (e, after) in story.Life.Reverse())
        {
            Assert.Equal((after.Version, Product.Describe(e, after)), (today.Version, Product.Describe(e, today)));
            today = Product.Unfold(today, e);
        }
    });
}
