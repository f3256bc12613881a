using Inventory.Slices.Products;

namespace Inventory.Tests.Products;

public sealed class ProductTests
{
    public static TheoryData<object, string> EventsInWords => new()
    {
        { new ProductCreated("W-1", "Widgit", 10), "created as “Widgit” (W-1), 10 on hand" },
        { new ProductRenamed("Widget", "Widgit"), "“Widgit” → “Widget”" },
        { new StockAdjusted(-5, "sale", "SO-17"), "−5 (sale SO-17), 5 on hand" },
        { new StockAdjusted(7, "receipt", null), "+7 (receipt), 17 on hand" },
        { new StockCounted(7, 10, "inventory"), "counted 7, 10 were expected (inventory)" },
        { new StockCounted(7, 10, null), "counted 7, 10 were expected" },
        { new ReorderPointSet(3, null), "low stock is told at 3 available" },
        { new ReorderPointSet(null, null), "low stock is no longer told" },
        { new StockReserved(Example.Id, 4, Example.Now, "SO-17"), "4 reserved (SO-17), 6 available" },
        { new StockReserved(Example.Id, 4, Example.Now, null), "4 reserved, 6 available" },
        { new ReservationCommitted(Example.Id, 4, 0), "4 reserved units left, 6 on hand" },
        { new ReservationCommitted(Example.Id, 3, 1), "3 of 4 reserved units left, 7 on hand" },
        { new ReservationReleased(Example.Id, 4), "reservation of 4 released, 14 available" },
        { new ReservationExpired(Example.Id, 4), "reservation of 4 expired, 14 available" },
        { new ProductReinstated(), "dealt in again" },
        { new ProductDiscontinued("end of line"), "discontinued (end of line)" },
        { new ProductDiscontinued(null), "discontinued" },
    };

    [Theory]
    [MemberData(nameof(EventsInWords))]
    public void Every_event_is_told_in_words(object e, string words)
    {
        var after = e is ProductCreated ? Example.Product() : Example.Product(10, e);

        Assert.Equal(words, Product.Describe(e, after));
    }

    [Theory]
    [MemberData(nameof(EventsInWords))]
    public void Unfolding_an_event_gives_the_state_before_it(object e, string words)
    {
        Assert.NotEmpty(words);
        var before = e is ProductReinstated ? Example.Product(10, new ProductDiscontinued(null)) : Example.Product();

        if (e is not ProductCreated)
        {
            // What is told of the past is told of the stock; the reservations are not taken back.
            var again = Product.Unfold(Product.Fold(before, Example.Id, e), e);
            Assert.Equal(before, again with { Reservations = before.Reservations });
        }
    }

    [Fact]
    public void The_tests_above_know_every_event_type() =>
        Assert.Equal(
            ProductEventTypes.All.ToHashSet(), EventsInWords.Select(row => row.Data.Item1.GetType()).ToHashSet());

    [Fact]
    public void A_fold_counts_versions_and_units()
    {
        var product = Example.Product(10, new StockAdjusted(-4, "sale", null), new ProductRenamed("Widget", "Widgit"));

        Assert.Equal((3L, 6, 6, "Widget"), (product.Version, product.OnHand, product.Available, product.Name));
    }

    [Fact]
    public void A_product_that_is_dealt_in_again_takes_changes_again() =>
        Assert.Equal(
            (true, false),
            (Example.Product(10, new ProductDiscontinued(null)).Discontinued, Example.Product(10, new ProductDiscontinued(null), new ProductReinstated()).Discontinued));

    [Fact]
    public void A_stream_that_does_not_begin_with_a_creation_is_none_of_a_product() =>
        Assert.Equal(
            $"Stream {Example.Id} begins with ProductReinstated, not ProductCreated.",
            Assert.Throws<InvalidOperationException>(() => Product.Fold(null, Example.Id, new ProductReinstated())).Message);

    [Theory]
    [InlineData("W-1", true)]
    [InlineData("85123A", true)]
    [InlineData("a._-", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("BANK CHARGES", false)]
    [InlineData("Ａ1", false)]
    [InlineData("W-1\n", false)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", true)]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234", false)]
    public void A_sku_is_plain_ascii(string text, bool allowed) => Assert.Equal(allowed, Sku.IsAllowed(text));
}
