using System.Globalization;
using System.Security.Cryptography;
using Inventory.Verification;

namespace Inventory.Tests.Schedules;

/// <summary>
/// Tries something in many schedules. A failure names the seed of its schedule: to repeat that one alone, set the environment variable
/// <c>INVENTORY_SCHEDULE</c> to it.
/// </summary>
internal static class Exploration
{
    /// <summary>How many schedules are tried.</summary>
    public const int Schedules = 1_000;

    private const string Variable = "INVENTORY_SCHEDULE";

    /// <summary>Tries an action that sets a schedule up, runs it and throws when something is wrong.</summary>
    public static void ForAll(Action<Schedule> tried)
    {
        if (FirstWrong(tried) is not { } wrong)
        {
            return;
        }

        Assert.Fail($"{wrong.What.Message}\nIn schedule {wrong.Number} ({wrong.Schedule}).\nRepeat it with {Variable}={wrong.Seed}.\n{wrong.What.StackTrace}");
    }

    /// <summary>The first schedule in which something is wrong; null when there is none.</summary>
    public static WrongSchedule? FirstWrong(Action<Schedule> tried)
    {
        var seeds = new Dice(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
        var repeated = Environment.GetEnvironmentVariable(Variable);
        for (var number = 1; number <= (repeated is null ? Schedules : 1); number++)
        {
            var seed = repeated is null ? (ulong)seeds.Below(int.MaxValue) : ulong.Parse(repeated, NumberStyles.None, CultureInfo.InvariantCulture);
            var schedule = new Schedule(seed);
            try
            {
                tried(schedule);
            }
#pragma warning disable CA1031 // Whatever it is, it is told together with the schedule.
            catch (Exception e)
#pragma warning restore CA1031
            {
                return new WrongSchedule(seed, number, schedule, e);
            }
        }

        return null;
    }
}

/// <summary>A schedule in which something is wrong.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Number">The how manieth it was.</param>
/// <param name="Schedule">The schedule as it was left.</param>
/// <param name="What">What is wrong.</param>
internal sealed record WrongSchedule(ulong Seed, int Number, Schedule Schedule, Exception What);
