using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Products;

namespace Inventory.Tests.Stock;

public sealed class SetReorderPointTests
{
    [Fact]
    public void A_reorder_point_is_recorded_with_the_one_before_it() =>
        Assert.Equal(
            [new ReorderPointSet(5, 3)],
            Assert.IsType<Decision.Accepted>(SetReorderPoint.Decide(
                new SetReorderPoint(Example.Id, 5), Example.Product(10, new ReorderPointSet(3, null)), Example.Now)).Events);
}
