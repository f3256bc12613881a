using System.Globalization;

namespace Inventory.Benchmarks.Reports;

/// <summary>A bound on a ratio.</summary>
/// <param name="Number">The gate it belongs to.</param>
/// <param name="What">What is compared with what.</param>
/// <param name="Ratio">The ratio measured.</param>
/// <param name="Bound">The bound.</param>
/// <param name="AtLeast">Whether the ratio must not be below the bound; else not above.</param>
internal sealed record Gate(int Number, string What, double Ratio, double Bound, bool AtLeast = true)
{
    /// <summary>Whether the bound holds.</summary>
    public bool Met => AtLeast ? Ratio >= Bound : Ratio <= Bound;

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"gate {Number}: {What}: {Ratio:0.00}, bound {(AtLeast ? "≥" : "≤")} {Bound:0.00}, {(Met ? "met" : "NOT met")}");
}
