using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>The body of <c>POST /adjustments</c>. Several lines of one product count together.</summary>
public sealed record AdjustManyBody(IReadOnlyList<AdjustManyLine?> Lines, string Reason, string? Reference = null);

/// <summary>One line of it.</summary>
public sealed record AdjustManyLine(Guid ProductId, int Delta);

public static class AdjustManyEndpoint
{
    [WolverinePost("/adjustments")]
    [Changes<AdjustMany, AdjustManyBody>("Add or take units of several products, all or nothing")]
    public static Task<IResult> Post(CommandRequest request) =>
        request.ChangeManyAsync<AdjustManyBody>((body, shape) => new AdjustMany(
            Deltas(body.Lines, shape),
            shape.Text("reason", body.Reason, ProductLimits.ReasonRunesMax),
            shape.OptionalText("reference", body.Reference, ProductLimits.ReferenceRunesMax)));

    private static Dictionary<Guid, int> Deltas(IReadOnlyList<AdjustManyLine?> lines, Shape shape)
    {
        shape.Count("lines", lines.Count, 1, ProductLimits.OrderLinesMax);
        for (var n = 0; n < Math.Min(lines.Count, ProductLimits.OrderLinesMax); n++)
        {
            // JSON's null is let through inside a list.
            shape.Units($"lines[{n}].delta", lines[n]?.Delta ?? 0, -ProductLimits.AdjustmentUnitsMax, ProductLimits.AdjustmentUnitsMax, zeroAllowed: false);
        }

        if (shape.Problem is not null)
        {
            return [];
        }

        var deltas = lines.GroupBy(line => line!.ProductId).ToDictionary(product => product.Key, product => product.Sum(line => line!.Delta));
        shape.Count("products in lines", deltas.Count, 1, ProductLimits.OrderProductsMax);
        foreach (var (product, delta) in deltas)
        {
            shape.Units($"lines of {product} together", delta, -ProductLimits.AdjustmentUnitsMax, ProductLimits.AdjustmentUnitsMax, zeroAllowed: false);
        }

        return deltas;
    }
}
