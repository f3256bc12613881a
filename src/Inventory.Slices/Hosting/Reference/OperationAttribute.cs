using JasperFx.CodeGeneration;
using Wolverine.Http;

namespace Inventory.Slices.Hosting;

/// <summary>Describes a route for the OpenAPI document: what it is for and what it answers.</summary>
/// <param name="summary">What it does, in a few words.</param>
[AttributeUsage(AttributeTargets.Method)]
public abstract class OperationAttribute(string summary) : ModifyHttpChainAttribute
{
    /// <summary>What it does, in a few words.</summary>
    public string Summary { get; } = summary;

    /// <summary>What a caller's token has to allow. Default: to change products.</summary>
    public virtual Scope Scope { get; init; } = Scope.Write;

    /// <summary>The problems it answers besides those of every route.</summary>
    internal abstract IEnumerable<ProblemType> Problems { get; }

    /// <summary>What it takes as its body, and in which media type; null when it takes none.</summary>
    internal virtual (Type Type, string MediaType)? Body => null;

    /// <summary>Its answer carries the address of what it made as <c>Location</c>.</summary>
    internal virtual bool SaysWhere => false;
}

/// <summary>A route that shows something.</summary>
/// <param name="summary">What it does, in a few words.</param>
/// <param name="answer">What it answers with 200.</param>
/// <param name="problems">Names of <see cref="ProblemTypes"/>.</param>
public class ShowsAttribute(string summary, Type answer, params string[] problems) : OperationAttribute(summary)
{
    /// <summary>What a caller's token has to allow. Default: to see products.</summary>
    public override Scope Scope { get; init; } = Scope.Read;

    /// <summary>The media type of the answer. Default: JSON.</summary>
    public string MediaType { get; init; } = "application/json";

    /// <summary>The answer carries the product's version as <c>ETag</c>, and 304 answers whoever knows it. Default: false.</summary>
    public bool Versioned { get; init; }

    internal override IEnumerable<ProblemType> Problems => problems.Select(ProblemTypes.Named);

    /// <inheritdoc/>
    public override void Modify(HttpChain chain, GenerationRules rules)
    {
        ArgumentNullException.ThrowIfNull(chain);
        chain.Metadata.Produces(StatusCodes.Status200OK, answer, MediaType);
    }
}

/// <summary>A route that shows what the product list says, and can wait for it to say what the caller wrote.</summary>
/// <param name="summary">What it does, in a few words.</param>
/// <param name="answer">What it answers with 200.</param>
public sealed class ShowsProjectedAttribute(string summary, Type answer) : ShowsAttribute(summary, answer, nameof(ProblemTypes.NotYetVisible), nameof(ProblemTypes.Overloaded));

/// <summary>A query parameter of a route.</summary>
/// <param name="name">Its name.</param>
/// <param name="type">The type of its value.</param>
/// <param name="description">What it does, with range and default.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class QueryAttribute(string name, Type type, string description) : Attribute
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>The type of its value.</summary>
    public Type Type { get; } = type;

    /// <summary>What it does, with range and default.</summary>
    public string Description { get; } = description;
}
