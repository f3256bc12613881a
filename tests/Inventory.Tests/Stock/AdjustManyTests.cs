using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Products;

namespace Inventory.Tests.Stock;

public sealed class AdjustManyTests
{
    private static readonly Guid First = new("019c2a5e-7f00-7000-8000-000000000001");
    private static readonly Guid Second = new("019c2a5e-7f00-7000-8000-000000000002");
    private static readonly Guid Third = new("019c2a5e-7f00-7000-8000-000000000003");

    [Fact]
    public void Every_product_of_an_order_gets_its_own_event()
    {
        var order = new AdjustMany(new Dictionary<Guid, int> { [First] = -10, [Second] = 5 }, "order", "SO-1");

        Assert.Equal([First, Second], order.StreamIds);
        var events = Assert.IsType<DecisionOnMany.Accepted>(Decide(order, Stocked(First), Stocked(Second))).Events;
        Assert.Equal([First, Second], events.Keys.Order());
        Assert.Equal([new StockAdjusted(-10, "order", "SO-1")], events[First]);
        Assert.Equal([new StockAdjusted(5, "order", "SO-1")], events[Second]);
    }

    [Fact]
    public void An_order_of_unknown_products_is_refused_with_all_of_them_in_order()
    {
        var order = new AdjustMany(new Dictionary<Guid, int> { [Third] = -99, [First] = -1, [Second] = -1 }, "order", null);

        var refused = Assert.IsType<DecisionOnMany.Refused>(Decide(order, Stocked(First)));

        Assert.Equal([Second, Third], Assert.IsType<UnknownProducts>(refused.Refusal).ProductIds);
    }

    [Fact]
    public void An_order_is_refused_as_a_whole_with_all_that_stands_against_it_in_order()
    {
        var order = new AdjustMany(new Dictionary<Guid, int> { [Third] = -12, [First] = -1, [Second] = -11 }, "order", null);

        var refused = Assert.IsType<DecisionOnMany.Refused>(Decide(order, Stocked(First), Stocked(Second), Stocked(Third)));

        Assert.Equal(
            [new RefusedProduct(Second, "W-1", 1, new InsufficientStock(11, 10)), new RefusedProduct(Third, "W-1", 1, new InsufficientStock(12, 10))],
            Assert.IsType<OrderRefused>(refused.Refusal).Products);
    }

    private static Product Stocked(Guid id) => Example.Product(10) with { Id = id };

    private static DecisionOnMany Decide(AdjustMany order, params Product[] products) =>
        AdjustMany.Decide(order, products.ToDictionary(product => product.Id), Example.Now);
}
