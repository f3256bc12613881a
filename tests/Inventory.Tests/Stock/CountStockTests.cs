using System.Text.Json;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Products;

namespace Inventory.Tests.Stock;

public sealed class CountStockTests
{
    /// <summary>Ten units, four of them promised.</summary>
    private static readonly Product Reserved = Example.Product(10, new StockReserved(Example.Id, 4, Example.Now, null));

    [Theory]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(ProductLimits.QuantityUnitsMax)]
    public void A_count_is_recorded_with_what_was_expected(int counted) =>
        Assert.Equal(
            [new StockCounted(counted, 10, "inventory")],
            Assert.IsType<Decision.Accepted>(CountStock.Decide(new CountStock(Example.Id, counted, "inventory"), Example.Product(10), Example.Now)).Events);

    [Fact]
    public void What_is_promised_cannot_be_counted_away()
    {
        Assert.Equal(Decision.Refuse(new CountBelowReserved(3, 4)), CountStock.Decide(new CountStock(Example.Id, 3, null), Reserved, Example.Now));
        Assert.IsType<Decision.Accepted>(CountStock.Decide(new CountStock(Example.Id, 4, null), Reserved, Example.Now));
    }

    [Fact]
    public void A_product_that_is_not_dealt_in_is_not_counted() =>
        Assert.Equal(
            Decision.Refuse(new DiscontinuedProduct()),
            CountStock.Decide(new CountStock(Example.Id, 7, null), Example.Product(10, new ProductDiscontinued(null)), Example.Now));

    [Fact]
    public void Who_says_nothing_of_conflicts_settles_none() => Assert.Null(new CountStock(Example.Id, 7, null).Settle(Example.Product(10), Example.Product(12)));

    [Fact]
    public void Who_counted_after_what_happened_keeps_what_was_counted() =>
        Assert.Equal(
            [new StockCounted(7, 12, null)],
            Assert.IsType<Decision.Accepted>(new CountStock(Example.Id, 7, null, CountConflict.KeepCounted).Settle(Example.Product(10), Example.Product(12))).Events);

    [Fact]
    public void Who_counted_before_it_keeps_the_difference() =>
        Assert.Equal(
            [new StockCounted(9, 12, null)],
            Assert.IsType<Decision.Accepted>(new CountStock(Example.Id, 7, null, CountConflict.KeepDifference).Settle(Example.Product(10), Example.Product(12))).Events);

    [Fact]
    public void A_difference_that_does_not_fit_is_refused_with_what_it_comes_to() =>
        Assert.Equal(
            Decision.Refuse(new StockLimitExceeded(1, ProductLimits.QuantityUnitsMax)),
            new CountStock(Example.Id, 11, null, CountConflict.KeepDifference).Settle(Example.Product(10), Example.Product(ProductLimits.QuantityUnitsMax)));

    [Fact]
    public void The_ways_of_settling_say_what_they_come_to() =>
        Assert.Equal(
            """{"keepCounted":{"onHand":7},"keepDifference":{"onHand":9}}""",
            JsonSerializer.Serialize(new CountStock(Example.Id, 7, null).Options(Example.Product(10), Example.Product(12))));
}
