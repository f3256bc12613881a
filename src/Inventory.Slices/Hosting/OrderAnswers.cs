using System.Text.Json;
using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Slices.Hosting;

/// <summary>The answers to commands on several products that came to their end: what receipts keep.</summary>
public sealed class OrderAnswers : IAnswers<IReadOnlyList<Product>>
{
    /// <inheritdoc/>
    public Answer Of(object command, CommandContext context, Outcome<IReadOnlyList<Product>> outcome)
    {
        ArgumentNullException.ThrowIfNull(context);
        return outcome switch
        {
            Outcome<IReadOnlyList<Product>>.Accepted accepted => Accepted(accepted.State),
            Outcome<IReadOnlyList<Product>>.Refused refused => Refused(refused.Refusal, context),
            _ => throw new InvalidOperationException($"{outcome} may be sent again, so its answer is not kept."),
        };
    }

    private static Answer Accepted(IReadOnlyList<Product> products) => new(StatusCodes.Status200OK, null, null, JsonSerializer.Serialize(
        new
        {
            outcome = "accepted",
            products = products.Select(product => new { productId = product.Id, version = product.Version, product = ProductView.Of(product) }),
        },
        HttpJson.Options));

    private static Answer Refused(Refusal refusal, CommandContext context)
    {
        var problem = refusal switch
        {
            UnknownProducts unknown => new Problem(ProblemTypes.ProductNotFound, unknown.Detail).With("productIds", unknown.ProductIds),
            OrderRefused order => new Problem(TypeOf(order.Products[0].Refusal), order.Detail).With("products", order.Products.Select(Told)),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no problem type: add it here."),
        };
        return new Answer(problem.Status, null, null, problem.Body(context.TraceId));
    }

    private static object Told(RefusedProduct product)
    {
        var (requested, available, onHand) = product.Refusal switch
        {
            InsufficientStock r => (r.Requested, r.Available, (int?)null),
            StockLimitExceeded r => (r.Requested, (int?)null, r.OnHand),
            _ => ((int?)null, (int?)null, (int?)null),
        };
        return new
        {
            productId = product.ProductId,
            sku = product.Sku,
            version = product.Version,
            type = $"/problems/{TypeOf(product.Refusal).Slug}",
            detail = product.Refusal.Detail,
            requested,
            available,
            onHand,
        };
    }

    private static ProblemType TypeOf(Refusal refusal) => refusal switch
    {
        InsufficientStock => ProblemTypes.InsufficientStock,
        StockLimitExceeded => ProblemTypes.StockLimitExceeded,
        DiscontinuedProduct => ProblemTypes.ProductDiscontinued,
        var other => throw new InvalidOperationException($"{other.GetType().Name} has no problem type: add it here."),
    };
}
