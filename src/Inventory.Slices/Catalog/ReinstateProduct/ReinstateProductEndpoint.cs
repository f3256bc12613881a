using Inventory.Slices.Hosting;
using Wolverine.Http;

namespace Inventory.Slices.Catalog;

/// <summary>The body of <c>POST /products/{product}/reinstate</c>.</summary>
public sealed record ReinstateProductBody;

public static class ReinstateProductEndpoint
{
    [WolverinePost("/products/{product}/reinstate")]
    [Changes<ReinstateProduct, ReinstateProductBody>("Bring a discontinued product back")]
    public static Task<IResult> Post(string product, CommandRequest request) =>
        request.ChangeAsync<ReinstateProductBody>(product, (id, _, _) => new ReinstateProduct(id));
}
