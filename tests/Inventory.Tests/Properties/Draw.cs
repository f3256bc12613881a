using FsCheck;
using FsCheck.Fluent;

namespace Inventory.Tests.Properties;

/// <summary>
/// What chance contributes to one command or event: two numbers. What they come to depends on the state they meet, so a
/// life of which a step was dropped is still a life, and shrinking needs to know two numbers only.
/// </summary>
/// <param name="Kind">Which of several cases, 0 to <see cref="KindMax"/>; 0 is the plainest.</param>
/// <param name="Amount">How much, 0 to <see cref="AmountMax"/>.</param>
internal sealed record Draw(int Kind, int Amount)
{
    public const int KindMax = 9;
    public const int AmountMax = 1_000_000;

    // Few, so that they come together: names are given twice, and given back.
    private static readonly string[] Words = ["Widget", "Widgit", "Café", "“W”", "部品"];

    public static Gen<Draw> Any { get; } =
        from kind in Gen.Choose(0, KindMax)
        from amount in Gen.Frequency((9, Gen.Choose(0, 30)), (1, Gen.Choose(0, AmountMax)))
        select new Draw(kind, amount);

    public string Word => Words[Amount % Words.Length];

    public string? WordOrNone => Kind % 2 == 0 ? null : Word;

    public IEnumerable<Draw> Simpler()
    {
        if (Kind > 0)
        {
            yield return this with { Kind = 0 };
        }

        foreach (var amount in new[] { 0, Amount / 2, Amount - 1 }.Distinct().Where(amount => amount >= 0 && amount < Amount))
        {
            yield return this with { Amount = amount };
        }
    }
}
