using Inventory.Slices.Products;
using Inventory.Tests.Products;
using JasperFx.Events;

namespace Inventory.Tests.Integration;

/// <summary>A fact is a crossing: told when it becomes true, and not again while it stays so.</summary>
public sealed class ProductFactTests
{
    private static readonly StockAdjusted One = new(-1, "sale", null);

    [Fact]
    public void Stock_that_falls_to_the_reorder_point_is_told_once() =>
        Assert.Equal([("StockLow", 4L)], Of(Example.Product(5, new ReorderPointSet(3, null)), One, One, One));

    [Fact]
    public void Stock_that_recovers_and_falls_again_is_told_again() =>
        Assert.Equal([("StockLow", 3L), ("StockLow", 5L)], Of(Example.Product(4, new ReorderPointSet(3, null)), One, new StockAdjusted(9, "receipt", null), new StockAdjusted(-9, "sale", null)));

    [Fact]
    public void A_reorder_point_that_is_raised_to_the_stock_is_told() =>
        Assert.Equal([("StockLow", 2L)], Of(Example.Product(4), new ReorderPointSet(4, null)));

    [Fact]
    public void The_last_unit_is_told_also_when_it_is_only_promised() =>
        Assert.Equal([("StockDepleted", 3L)], Of(Example.Product(2), One, new StockReserved(Example.Id, 1, Example.Now, null), new ReservationCommitted(Example.Id, 1, 0)));

    [Fact]
    public void One_event_may_make_two_facts_true() =>
        Assert.Equal([("StockLow", 3L), ("StockDepleted", 3L)], Of(Example.Product(4, new ReorderPointSet(3, null)), new StockAdjusted(-4, "sale", null)));

    [Fact]
    public void The_end_of_a_promise_and_of_a_product_are_told() => Assert.Equal(
        [("ReservationExpired", 3L), ("ProductDiscontinued", 4L)],
        Of(Example.Product(4), new StockReserved(Example.Id, 1, Example.Now, null), new ReservationExpired(Example.Id, 1), new ProductDiscontinued(null)));

    [Fact]
    public void A_product_that_is_made_empty_was_never_depleted()
    {
        var created = new ProductCreated("W-1", "Widget", 0);

        Assert.Empty(ProductFact.Of([new Event<ProductCreated>(created)], Product.Fold(null, Example.Id, created)));
    }

    private static IEnumerable<(string, long)> Of(Product before, params object[] events)
    {
        var after = events.Aggregate(before, (state, e) => Product.Fold(state, state.Id, e));
        var facts = ProductFact.Of([.. events.Select(e => (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(e.GetType()), e)!)], after);
        Assert.All(facts, fact => Assert.Equal($"{Example.Id}/{fact.Product.Version}/{fact.Type}", fact.Id));
        return facts.Select(fact => (fact.Type, fact.Product.Version));
    }
}
