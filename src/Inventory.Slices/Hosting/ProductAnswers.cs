using System.Text.Json;
using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Slices.Hosting;

/// <summary>The answers to product commands that came to their end: what receipts keep.</summary>
public sealed class ProductAnswers : IAnswers<Product>
{
    /// <inheritdoc/>
    public Answer Of(object command, CommandContext context, Outcome<Product> outcome)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(context);
        return outcome switch
        {
            Outcome<Product>.Accepted accepted => Accepted(command, accepted),
            Outcome<Product>.Refused refused => Refused(context, refused),
            _ => throw new InvalidOperationException($"{outcome} may be sent again, so its answer is not kept."),
        };
    }

    private static Answer Accepted(object command, Outcome<Product>.Accepted accepted)
    {
        var product = accepted.State;
        var body = new
        {
            productId = product.Id,
            version = product.Version,
            outcome = accepted.MergedWith.Count > 0 ? "merged" : "accepted",
            mergedWith = accepted.MergedWith,
            product = ProductView.Of(product),
        };
        return ConflictPolicies.Of(command.GetType()).StartsStream
            ? new Answer(StatusCodes.Status201Created, product.Version, $"/products/{product.Id}", Json(body))
            : new Answer(StatusCodes.Status200OK, product.Version, null, Json(body));
    }

    private static Answer Refused(CommandContext context, Outcome<Product>.Refused refused)
    {
        var problem = refused.Refusal switch
        {
            InsufficientStock r => OnProduct(ProblemTypes.InsufficientStock).With("available", r.Available).With("requested", r.Requested),
            StockLimitExceeded r => OnProduct(ProblemTypes.StockLimitExceeded).With("onHand", r.OnHand).With("requested", r.Requested),
            DiscontinuedProduct => OnProduct(ProblemTypes.ProductDiscontinued),
            SkuTaken r => new Problem(ProblemTypes.SkuTaken, r.Detail).With("productId", r.ProductId).With("sku", r.Sku),
            IdTaken r => new Problem(ProblemTypes.IdTaken, r.Detail).With("productId", r.ProductId),
            var unknown => throw new InvalidOperationException($"{unknown.GetType().Name} has no problem type: add it here."),
        };
        return new Answer(problem.Status, refused.Current?.Version, null, problem.Body(context.TraceId));

        // A refusal is true of one version, so it names that version.
        Problem OnProduct(ProblemType type) => new Problem(type, refused.Refusal.Detail)
            .With("productId", refused.Current?.Id)
            .With("version", refused.Current?.Version);
    }

    private static string Json<T>(T body) => JsonSerializer.Serialize(body, HttpJson.Options);
}
