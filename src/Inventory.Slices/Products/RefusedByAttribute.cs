using System.Reflection;

namespace Inventory.Slices.Products;

/// <summary>Names the rules that can stand against a command: every <see cref="Conflicts.Refusal"/> its decision may answer.</summary>
/// <param name="refusals">Their types.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RefusedByAttribute(params Type[] refusals) : Attribute
{
    /// <summary>The rules that can stand against a command; none when it names none.</summary>
    public static IReadOnlyList<Type> Of(Type command) => command.GetCustomAttribute<RefusedByAttribute>()?.Refusals ?? [];

    private Type[] Refusals { get; } = refusals;
}
