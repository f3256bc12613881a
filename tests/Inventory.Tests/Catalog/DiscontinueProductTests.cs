using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using Inventory.Tests.Products;

namespace Inventory.Tests.Catalog;

public sealed class DiscontinueProductTests
{
    private static readonly Product Discontinued = Example.Product(10, new ProductDiscontinued(null));

    [Fact]
    public void Trade_ends_for_the_reason_that_was_given() =>
        Assert.Equal(
            [new ProductDiscontinued("end of line")],
            Assert.IsType<Decision.Accepted>(DiscontinueProduct.Decide(new DiscontinueProduct(Example.Id, "end of line"), Example.Product(), Example.Now)).Events);

    [Fact]
    public void Trade_ends_once() =>
        Assert.Equal(
            Decision.Refuse(new DiscontinuedProduct()), DiscontinueProduct.Decide(new DiscontinueProduct(Example.Id, null), Discontinued, Example.Now));

    [Fact]
    public void What_was_discontinued_can_be_reinstated() =>
        Assert.Equal(
            [new ProductReinstated()],
            Assert.IsType<Decision.Accepted>(ReinstateProduct.Decide(new ReinstateProduct(Example.Id), Discontinued, Example.Now)).Events);

    [Fact]
    public void What_is_dealt_in_cannot() =>
        Assert.Equal(Decision.Refuse(new ProductIsDealtIn()), ReinstateProduct.Decide(new ReinstateProduct(Example.Id), Example.Product(), Example.Now));
}
