using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>The body of <c>POST /products/{product}/discontinue</c>.</summary>
public sealed record DiscontinueProductBody(string? Reason = null);

public static class DiscontinueProductEndpoint
{
    [WolverinePost("/products/{product}/discontinue")]
    [Changes<DiscontinueProduct, DiscontinueProductBody>("Take a product out of the range")]
    public static Task<IResult> Post(string product, CommandRequest request) =>
        request.ChangeAsync<DiscontinueProductBody>(product, (id, body, shape) => new DiscontinueProduct(
            id, shape.OptionalText("reason", body.Reason, ProductLimits.ReasonRunesMax)));
}
