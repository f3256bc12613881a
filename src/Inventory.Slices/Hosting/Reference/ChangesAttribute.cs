using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx.CodeGeneration;
using Wolverine.Http;

namespace Inventory.Slices.Hosting;

/// <summary>A route that sends a command. What it takes and answers follows from the command's declarations.</summary>
/// <typeparam name="TCommand">The command.</typeparam>
/// <typeparam name="TBody">The request's body.</typeparam>
/// <param name="summary">What it does, in a few words.</param>
public sealed class ChangesAttribute<TCommand, TBody>(string summary) : ChangesAttribute(summary, typeof(TCommand), typeof(TBody));

/// <inheritdoc cref="ChangesAttribute{TCommand,TBody}"/>
public abstract class ChangesAttribute(string summary, Type command, Type body) : OperationAttribute(summary)
{
    private static readonly ProblemType[] OfEveryCommand =
    [
        ProblemTypes.InvalidFields, ProblemTypes.RequestInFlight, ProblemTypes.BodyTooLarge, ProblemTypes.UnsupportedMediaType,
        ProblemTypes.IdempotencyKeyReused, ProblemTypes.Overloaded, ProblemTypes.RetriesExhausted, ProblemTypes.OutcomeUnknown,
    ];

    /// <summary>The command's policy.</summary>
    public OnConflictAttribute Policy { get; } = ConflictPolicies.Of(command);

    /// <summary>The command addresses one product that is there, so it can say which version was seen.</summary>
    public bool TakesVersion => !Policy.StartsStream && !IsOnMany;

    internal override bool SaysWhere => Policy.StartsStream || command.IsAssignableTo(typeof(IOpensReservation));

    /// <summary>It is about several products, so its answer has no version.</summary>
    public bool IsOnMany { get; } = command.IsAssignableTo(typeof(ICommandOnMany<Product>));

    internal override IEnumerable<ProblemType> Problems
    {
        get
        {
            var problems = OfEveryCommand.Concat(RefusedByAttribute.Of(command).Select(RefusalProblems.Of)).ToList();
            if (!Policy.StartsStream)
            {
                problems.Add(ProblemTypes.ProductNotFound);
            }

            if (TakesVersion)
            {
                problems.Add(ProblemTypes.VersionConflict);
            }

            if (TakesVersion && Policy.Resolve == Resolve.Reject)
            {
                problems.Add(ProblemTypes.PreconditionRequired);
            }

            return problems;
        }
    }

    internal override (Type Type, string MediaType)? Body => (body, "application/json");

    /// <inheritdoc/>
    public override void Modify(HttpChain chain, GenerationRules rules)
    {
        ArgumentNullException.ThrowIfNull(chain);
        chain.Metadata.Produces(
            SaysWhere ? StatusCodes.Status201Created : StatusCodes.Status200OK,
            IsOnMany ? typeof(OrderResult) : typeof(CommandResult), "application/json");
    }
}
