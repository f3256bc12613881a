using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>The body of <c>PUT /products/{product}/name</c>.</summary>
public sealed record RenameProductBody(string Name);

public static class RenameProductEndpoint
{
    [WolverinePut("/products/{product}/name")]
    [Changes<RenameProduct, RenameProductBody>("Give a product another name")]
    public static Task<IResult> Put(string product, CommandRequest request) =>
        request.ChangeAsync<RenameProductBody>(product, (id, body, shape) => new RenameProduct(
            id, shape.Text("name", body.Name, ProductLimits.NameRunesMax)));
}
