using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Products;

namespace Inventory.Tests.Stock;

public sealed class AdjustStockTests
{
    [Fact]
    public void The_last_unit_can_be_taken() =>
        Assert.Equal(
            [new StockAdjusted(-10, "sale", "SO-1")],
            Assert.IsType<Decision.Accepted>(Decide(-10, Example.Product(10))).Events);

    [Fact]
    public void One_unit_more_than_available_is_refused() =>
        Assert.Equal(Decision.Refuse(new InsufficientStock(11, 10)), Decide(-11, Example.Product(10)));

    [Fact]
    public void A_full_product_takes_no_unit_more() =>
        Assert.Equal(
            Decision.Refuse(new StockLimitExceeded(1, ProductLimits.QuantityUnitsMax)),
            Decide(1, Example.Product(ProductLimits.QuantityUnitsMax)));

    [Fact]
    public void A_product_can_be_filled_to_the_brim() =>
        Assert.IsType<Decision.Accepted>(Decide(1, Example.Product(ProductLimits.QuantityUnitsMax - 1)));

    [Fact]
    public void A_discontinued_product_takes_no_change() =>
        Assert.Equal(
            Decision.Refuse(new DiscontinuedProduct()), Decide(1, Example.Product(10, new ProductDiscontinued(null))));

    private static Decision Decide(int delta, Product product) =>
        AdjustStock.Decide(new AdjustStock(product.Id, delta, "sale", "SO-1"), product, Example.Now);
}
