using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>The body of <c>POST /products</c>. Without an id the service makes one.</summary>
public sealed record CreateProductBody(string Sku, string Name, int InitialQuantity, Guid? Id = null);

public static class CreateProductEndpoint
{
    [WolverinePost("/products")]
    [Changes<CreateProduct, CreateProductBody>("Bring a product into the catalogue")]
    public static Task<IResult> Post(CommandRequest request) =>
        request.CreateAsync<CreateProductBody>((newId, body, shape) =>
        {
            var id = shape.NewId("id", body.Id, newId);
            return (id, new CreateProduct(
                id,
                shape.Sku("sku", body.Sku),
                shape.Text("name", body.Name, ProductLimits.NameRunesMax),
                shape.Units("initialQuantity", body.InitialQuantity, 0, ProductLimits.QuantityUnitsMax)));
        });
}
