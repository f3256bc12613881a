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

    private static Answer Accepted(IReadOnlyList<Product> products)
    {
        var result = new OrderResult("accepted", [.. products.Select(product => new OrderedProduct(product.Id, product.Version, ProductView.Of(product)))]);
        return new Answer(StatusCodes.Status200OK, null, null, JsonSerializer.Serialize(result, HttpJson.Options));
    }

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

    private static ProblemType TypeOf(Refusal refusal) => RefusalProblems.Of(refusal.GetType());
}

/// <summary>What a command on several products answers.</summary>
/// <param name="Outcome">Always <c>accepted</c>.</param>
/// <param name="Products">The products it changed.</param>
public sealed record OrderResult(string Outcome, IReadOnlyList<OrderedProduct> Products);

/// <summary>A product that a command on several changed.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Version">Its version after the command.</param>
/// <param name="Product">The product after the command.</param>
public sealed record OrderedProduct(Guid ProductId, long Version, ProductView Product);
