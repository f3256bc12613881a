using System.Globalization;
using Inventory.Verification.Faults;

namespace Inventory.Verification;

/// <summary>A part of a tier: one run.</summary>
/// <param name="Workload">What is asked for.</param>
/// <param name="Operations">How many operations.</param>
/// <param name="Faults">How many faults.</param>
/// <param name="Clients">How many clients.</param>
/// <param name="Minutes">How long there is load at most.</param>
internal sealed record Share(string Workload, int Operations, int Faults, int Clients, double Minutes)
{
    /// <summary>
    /// Whether faults are left out that last up to a minute, and nuisances, whose bound is a time: a machine that builds is no place to measure it.
    /// </summary>
    public bool IsQuick { get; init; }

    /// <summary>Whether bystanders in the nodes throw.</summary>
    public bool BystandersThrow { get; init; }

    /// <summary>The options of its run.</summary>
    public string[] Options =>
    [
        "--workload", Workload, "--operations", Text(Operations), "--fault-count", Text(Faults), "--clients", Text(Clients), "--minutes", Text(Minutes),
        .. BystandersThrow ? (string[])["--bystanders", "yes"] : [],
        .. IsQuick ? (string[])["--nuisances", "0"] : [],
        .. IsQuick ? (string[])["--without", string.Join(',', Fault.All.Where(fault => fault.IsLong).Select(fault => fault.Name))] : [],
    ];

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Runs that belong together.</summary>
internal static class Tier
{
    /// <summary>With every change: a little of everything.</summary>
    public static IReadOnlyList<Share> Continuous { get; } = [new("mixed", 50_000, 20, 48, 1) { IsQuick = true }];

    /// <summary>A million operations and three hundred faults, over all workloads; those that are quick have more of the operations.</summary>
    public static IReadOnlyList<Share> OnDemand { get; } =
    [
        new("mixed", 35_000, 35, 48, 12) { BystandersThrow = true },
        new("hot", 400_000, 35, 96, 15),
        new("zipf", 220_000, 30, 96, 15),
        new("drain", 170_000, 30, 96, 15),
        new("compare-and-set", 20_000, 25, 48, 10),
        new("renames", 30_000, 25, 48, 10),
        new("orders", 25_000, 25, 48, 10),
        new("reservations", 40_000, 25, 48, 10),
        new("same-key", 15_000, 20, 48, 10),
        new("range", 20_000, 25, 48, 10),
        new("lists", 25_000, 25, 48, 10),
    ];
}
