using Inventory.Slices.Hosting;

namespace Inventory.Tests.Schedules;

/// <summary>What schedules are trusted with, they are tried on first: small programs that are wrong in one order only, and right ones.</summary>
public sealed class ScheduleTests
{
    [Fact]
    public void A_lost_wakeup_is_found() =>
        Assert.Contains("have not ended: reader", Found(schedule => Look(schedule, beforeTaking: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void Whoever_takes_the_signal_before_looking_is_always_woken() => Exploration.ForAll(schedule => Look(schedule, beforeTaking: false));

    [Fact]
    public void An_update_between_reading_and_writing_is_found()
    {
        var wrong = Found(schedule =>
        {
            var count = 0;
            for (var writer = 0; writer < 2; writer++)
            {
                schedule.Start("writer", async () =>
                {
                    var read = count;
                    await Task.Yield();
                    count = read + 1;
                });
            }

            schedule.Run();
            Assert.Equal(2, count);
        });

        Assert.IsType<Xunit.Sdk.EqualException>(wrong, exactMatch: false);
    }

    [Fact]
    public void Two_who_wait_for_each_other_are_found()
    {
        var wrong = Found(schedule =>
        {
            var (a, b) = (new SemaphoreSlim(1), new SemaphoreSlim(1));
            schedule.Start("forwards", () => TakeBothAsync(a, b));
            schedule.Start("backwards", () => TakeBothAsync(b, a));
            schedule.Run();
        });

        Assert.Contains("have not ended: forwards 0, backwards 1", wrong.Message, StringComparison.Ordinal);

        static async Task TakeBothAsync(SemaphoreSlim first, SemaphoreSlim second)
        {
            await first.WaitAsync();
            await Task.Yield();
            await second.WaitAsync();
            second.Release();
            first.Release();
        }
    }

    [Fact]
    public void Something_that_is_wrong_only_after_a_long_pause_of_one_flow_is_found()
    {
        var wrong = Found(schedule =>
        {
            var steps = 0;
            schedule.Start("slow", async () =>
            {
                var before = steps;
                await Task.Yield();
                Assert.True(steps - before < 20, "paused for long");
            });
            schedule.Start("busy", async () =>
            {
                for (; steps < 30; steps++)
                {
                    await Task.Yield();
                }
            });
            schedule.Run();
        });

        Assert.Contains("paused for long", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_on_another_thread_is_found() => Found(schedule =>
    {
        schedule.Start("escaping", () => Task.Run(() => { }));
        schedule.Run();
    });

    [Fact]
    public void A_service_that_does_not_stop_is_found() => Assert.Contains("does not stop", Found(schedule =>
    {
        schedule.Serve("service", _ => new TaskCompletionSource().Task);
        schedule.Run();
    }).Message, StringComparison.Ordinal);

    [Fact]
    public void Something_that_goes_on_for_ever_is_found() => Assert.Contains("have not ended: restless", Found(schedule =>
    {
        schedule.Start("restless", async () =>
        {
            while (true)
            {
                await Task.Yield();
            }
        });
        schedule.Run();
    }).Message, StringComparison.Ordinal);

    [Fact]
    public void Time_goes_on_only_when_all_wait_for_it_unless_it_is_hasty()
    {
        var hasty = 0;
        Exploration.ForAll(schedule =>
        {
            var yields = 0;
            var waiting = schedule.Start("waiting", async () =>
            {
                await Task.Delay(TimeSpan.FromHours(1), schedule.Clock);
                return yields;
            });
            schedule.Start("working", async () =>
            {
                for (; yields < 20; yields++)
                {
                    await Task.Yield();
                }
            });
            schedule.Run();

            Assert.Equal(TimeSpan.FromHours(1), schedule.Clock.Elapsed);
            Assert.True(schedule.IsTimeHasty || waiting.Result == 20, $"Time went on after {waiting.Result} of 20.");
            hasty += waiting.Result < 20 ? 1 : 0;
        });

        Assert.NotEqual(0, hasty);
    }

    [Fact]
    public void A_seed_repeats_its_schedule_and_others_differ()
    {
        var orders = Enumerable.Range(0, 100).Select(seed => (First: Order((ulong)seed), Again: Order((ulong)seed))).ToList();

        Assert.All(orders, order => Assert.Equal(order.First, order.Again));
        Assert.True(orders.Select(order => order.First).Distinct().Count() > 50);

        static string Order(ulong seed)
        {
            var schedule = new Schedule(seed);
            var order = new List<int>();
            for (var flow = 0; flow < 4; flow++)
            {
                var number = flow;
                schedule.Start("flow", async () =>
                {
                    for (var step = 0; step < 4; step++)
                    {
                        order.Add(number);
                        await Task.Yield();
                    }
                });
            }

            schedule.Run();
            return string.Concat(order);
        }
    }

    private static Exception Found(Action<Schedule> tried)
    {
        var wrong = Exploration.FirstWrong(tried);
        Assert.NotNull(wrong);
        var again = Record.Exception(() => tried(new Schedule(wrong.Seed)));
        Assert.Equal(wrong.What.Message, again?.Message);
        return wrong.What;
    }

    /// <summary>A reader that waits until something is there; it must take the signal before it looks, because it may come right after the look.</summary>
    private static void Look(Schedule schedule, bool beforeTaking)
    {
        var signal = new Signal();
        var isThere = false;
        schedule.Start("reader", async () =>
        {
            while (true)
            {
                var next = signal.Next;
                var seen = isThere;
                await Task.Yield();
                if (seen)
                {
                    return;
                }

                await (beforeTaking ? signal.Next : next);
            }
        });
        schedule.Start("writer", async () =>
        {
            await Task.Yield();
            isThere = true;
            signal.Raise();
        });
        schedule.Run();
    }
}
