using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using Inventory.Tests.Products;

namespace Inventory.Tests.Catalog;

public sealed class RenameProductTests
{
    [Fact]
    public void A_rename_records_the_name_before_it() =>
        Assert.Equal(
            [new ProductRenamed("Widget", "Widgit")],
            Assert.IsType<Decision.Accepted>(Decide(Example.Product())).Events);

    [Fact]
    public void A_discontinued_product_keeps_its_name() =>
        Assert.Equal(
            Decision.Refuse(new DiscontinuedProduct()), Decide(Example.Product(10, new ProductDiscontinued(null))));

    private static Decision Decide(Product product) =>
        RenameProduct.Decide(new RenameProduct(product.Id, "Widget"), product, Example.Now);
}
