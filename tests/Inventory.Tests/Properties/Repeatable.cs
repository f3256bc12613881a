using System.Globalization;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Inventory.Tests.Properties;

/// <summary>
/// Tries a property on random cases. All properties of a run start from one seed, which every failure names: to repeat the
/// run, set the environment variable <c>INVENTORY_SEED</c> to it.
/// </summary>
internal static class Repeatable
{
    private const string Variable = "INVENTORY_SEED";

    private static readonly ulong Seed = ulong.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
        ? seed
        : BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>How to see the same cases again.</summary>
    public static string Hint { get; } = $"Repeat it with {Variable}={Seed}.";

    /// <summary>Tries a property, an action that throws when it does not hold, and shrinks the first case for which it does not.</summary>
    public static void ForAll<T>(Gen<T> cases, Func<T, IEnumerable<T>> simpler, Action<T> property, int count = 400)
    {
        var config = Config.QuickThrowOnFailure
            .WithMaxTest(count)
            .WithQuietOnSuccess(true)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(Seed), FSharpOption<int>.None)));
        try
        {
            Check.One(config, Prop.ForAll(Arb.From(cases, simpler), property));
        }
#pragma warning disable CA1031 // Whatever FsCheck reports, the seed is told with it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Assert.Fail($"{e.Message}\n{Hint}");
        }
    }

    /// <summary>The same list with something left out, the last first, or with one element made simpler.</summary>
    public static IEnumerable<IReadOnlyList<T>> Simpler<T>(IReadOnlyList<T> list, Func<T, IEnumerable<T>> simpler) =>
    [
        .. list.Count > 1 ? [[.. list.Take(list.Count / 2)]] : Array.Empty<IReadOnlyList<T>>(),
        .. Enumerable.Range(0, list.Count).Reverse().Select(left => (IReadOnlyList<T>)[.. list.Where((_, i) => i != left)]),
        .. Enumerable.Range(0, list.Count).SelectMany(at => simpler(list[at]).Select(
            one => (IReadOnlyList<T>)[.. list.Take(at), one, .. list.Skip(at + 1)])),
    ];
}
