using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using Inventory.Tests.Products;

namespace Inventory.Tests.Catalog;

public sealed class CreateProductTests
{
    private static readonly CreateProduct Command = new(Example.Id, "w-1", "Widget", 3);

    [Fact]
    public void A_product_starts_with_what_was_said_of_it() =>
        Assert.Equal(
            [new ProductCreated("w-1", "Widget", 3)],
            Assert.IsType<Decision.Accepted>(CreateProduct.Decide(Command, null, null)).Events);

    [Fact]
    public void A_taken_sku_is_refused_with_the_product_that_has_it() =>
        Assert.Equal(
            Decision.Refuse(new SkuTaken("W-1", Example.Id)), CreateProduct.Decide(Command, null, Example.Product()));

    [Fact]
    public void A_taken_id_is_refused() =>
        Assert.Equal(Decision.Refuse(new IdTaken(Example.Id)), CreateProduct.Decide(Command, Example.Product(), null));
}
