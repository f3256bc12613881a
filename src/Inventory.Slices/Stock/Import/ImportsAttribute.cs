using Inventory.Slices.Hosting;
using JasperFx.CodeGeneration;
using Wolverine.Http;

namespace Inventory.Slices.Stock;

/// <summary>Describes the route that takes a file to import.</summary>
public sealed class ImportsAttribute() : OperationAttribute("Import products and stock from a CSV file")
{
    internal override IEnumerable<ProblemType> Problems =>
        [ProblemTypes.BodyTooLarge, ProblemTypes.UnsupportedMediaType, ProblemTypes.Overloaded, ProblemTypes.ImportInterrupted];

    internal override (Type Type, string MediaType)? Body => (typeof(string), "text/csv");

    internal override bool SaysWhere => true;

    /// <inheritdoc/>
    public override void Modify(HttpChain chain, GenerationRules rules)
    {
        ArgumentNullException.ThrowIfNull(chain);
        chain.Metadata.Produces<ImportView>(StatusCodes.Status200OK, "application/json");
        chain.Metadata.Produces<ImportView>(StatusCodes.Status202Accepted, "application/json");
    }
}
