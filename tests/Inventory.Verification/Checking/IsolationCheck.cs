using System.Globalization;
using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>
/// What happens to one product, order, file, follower, receiver or caller does not make others wait (invariant 17): those who look on,
/// each with a product of its own, are served while somebody is a nuisance as they are while as many callers sell one product.
/// </summary>
internal static class IsolationCheck
{
    /// <summary>How many times as long as in the quiet 99 of 100 may take.</summary>
    public const int Factor = 10;

    /// <summary>Below this nobody is said to wait, in microseconds.</summary>
    public const long Floor = 500_000;

    // One in so many may take longer, or be turned away.
    private const int OneOf = 100;

    /// <summary>What is not there although a verdict needs it.</summary>
    public static IEnumerable<string> Missing(History history)
    {
        var attempts = Attempts(history);
        return history.Run.Phases.Where(phase => !attempts.Exists(one => IsIn(one.Attempt, phase)))
            .Select(phase => $"nobody looked on while {phase.Name}");
    }

    public static IEnumerable<Violation> Of(History history)
    {
        if (history.Run.Phases.FirstOrDefault(phase => phase.Name == Phase.Quiet) is not { } quiet)
        {
            yield break;
        }

        var attempts = Attempts(history);
        foreach (var phase in history.Run.Phases.Where(phase => phase != quiet))
        {
            foreach (var act in (Act[])[Act.Read, Act.Adjust, Act.Import])
            {
                var (usual, now) = (Slow(attempts, act, quiet), Slow(attempts, act, phase));
                var late = history.Run.Lateness.Where(late => late.At > phase.Began && late.At - late.Microseconds < phase.Ended)
                    .Select(late => late.Microseconds).DefaultIfEmpty().Max();
                var bound = usual == long.MaxValue ? long.MaxValue : Math.Max(Floor, Factor * usual) + late;
                if (now > bound)
                {
                    yield return new Violation(
                        17,
                        $"while there were {phase.Name}, one in a hundred others was {(now == long.MaxValue ? "turned away" : $"made to wait {Text(now)}")} ({act}); "
                        + $"while there were single sales, {Text(usual)}, so that {Text(bound)} are allowed");
                }
            }
        }
    }

    private static List<(Act Act, Attempt Attempt)> Attempts(History history) =>
    [
        .. from operation in history.Operations
           where operation.Client >= Phase.FirstOnlooker
           from attempt in operation.Attempts
           select (operation.Request.Act, attempt),
    ];

    private static bool IsIn(Attempt attempt, Phase phase) => attempt.Began >= phase.Began && attempt.Began < phase.Ended;

    /// <summary>What 99 of 100 do not take longer than; 0 when there were none.</summary>
    private static long Slow(List<(Act Act, Attempt Attempt)> attempts, Act act, Phase phase)
    {
        var times = attempts.Where(one => one.Act == act && IsIn(one.Attempt, phase))
            .Select(one => one.Attempt.Reply is null or { End: End.Unknown } or { Status: 503 } ? long.MaxValue : one.Attempt.Ended - one.Attempt.Began)
            .Order()
            .ToList();
        return times.Count == 0 ? 0 : times[times.Count - 1 - (times.Count / OneOf)];
    }

    private static string Text(long microseconds) => microseconds == long.MaxValue
        ? "for ever"
        : string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1_000.0:0} ms");
}
