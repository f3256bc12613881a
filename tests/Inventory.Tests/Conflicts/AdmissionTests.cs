using System.Diagnostics.Metrics;
using Inventory.Conflicts;
using Inventory.Tests.Schedules;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Conflicts;

/// <summary>
/// Each kind of work has connections of its own, waits in line for them, and is turned away rather than kept for ever.
/// </summary>
public sealed class AdmissionTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly VirtualClock _clock = new();
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private Admission? _admission;

    public void Dispose()
    {
        _admission?.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task One_kind_that_uses_up_its_budget_takes_nothing_from_another()
    {
        var admission = Of(new AdmissionOptions());
        for (var n = 0; n < admission.LimitOf(Work.Order); n++)
        {
            Assert.NotNull(await admission.EnterAsync(Work.Order, _ct));
        }

        Assert.Null(await admission.EnterAsync(Work.Order, TimeSpan.Zero, _ct));
        Assert.All(
            Enum.GetValues<Work>().Except([Work.Order]),
            work => Assert.NotNull(Now(admission.EnterAsync(work, TimeSpan.Zero, _ct))));
    }

    [Fact]
    public async Task Who_waits_longest_is_next_and_nobody_overtakes()
    {
        var admission = Of(new AdmissionOptions(), pool: AdmissionOptions.PoolMin);
        var slot = await admission.EnterAsync(Work.Export, _ct);
        var first = admission.EnterAsync(Work.Export, _ct).AsTask();
        var second = admission.EnterAsync(Work.Export, _ct).AsTask();

        slot!.Dispose();

        var next = await first;
        Assert.NotNull(next);
        Assert.False(second.IsCompleted);
        Assert.Null(await admission.EnterAsync(Work.Export, TimeSpan.Zero, _ct));
        next.Dispose();
        Assert.NotNull(await second);
    }

    [Fact]
    public async Task A_slot_that_is_given_back_twice_is_one_slot()
    {
        var admission = Of(new AdmissionOptions(), pool: AdmissionOptions.PoolMin);
        var slot = await admission.EnterAsync(Work.Export, _ct);

        slot!.Dispose();
        slot.Dispose();

        Assert.NotNull(await admission.EnterAsync(Work.Export, TimeSpan.Zero, _ct));
        Assert.Null(await admission.EnterAsync(Work.Export, TimeSpan.Zero, _ct));
    }

    [Fact]
    public async Task Who_finds_the_line_full_is_turned_away_at_once()
    {
        var admission = Of(new AdmissionOptions { WaitingMax = 1 }, pool: AdmissionOptions.PoolMin);
        using var slot = await admission.EnterAsync(Work.Export, _ct);
        var waits = admission.EnterAsync(Work.Export, _ct);

        Assert.Null(Now(admission.EnterAsync(Work.Export, _ct)));
        Assert.False(waits.IsCompleted);
        Assert.Equal(1, Told("inventory.admission.turned_away", Work.Export));
    }

    [Fact]
    public async Task Who_waits_too_long_is_turned_away_and_stands_in_nobodys_way()
    {
        var admission = Of(new AdmissionOptions { WaitMax = TimeSpan.FromSeconds(3) }, pool: AdmissionOptions.PoolMin);
        var slot = await admission.EnterAsync(Work.Export, _ct);
        var waits = admission.EnterAsync(Work.Export, _ct);

        _clock.GoOn();

        Assert.Null(await waits);
        Assert.Equal(TimeSpan.FromSeconds(3), _clock.Elapsed);
        Assert.Equal(1, Told("inventory.admission.turned_away", Work.Export));
        slot!.Dispose();
        Assert.NotNull(await admission.EnterAsync(Work.Export, TimeSpan.Zero, _ct));
    }

    [Fact]
    public async Task Who_hangs_up_while_waiting_is_told_so_and_is_not_counted_as_turned_away()
    {
        var admission = Of(new AdmissionOptions(), pool: AdmissionOptions.PoolMin);
        using var slot = await admission.EnterAsync(Work.Export, _ct);
        using var caller = new CancellationTokenSource();
        var waits = admission.EnterAsync(Work.Export, caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waits);
        Assert.Equal(0, Told("inventory.admission.waiting", Work.Export));
        Assert.Equal(0, Told("inventory.admission.turned_away", Work.Export));
    }

    [Fact]
    public async Task It_is_told_how_much_of_each_budget_is_used_and_who_waits()
    {
        var admission = Of(new AdmissionOptions(), pool: AdmissionOptions.PoolMin);
        using var slot = await admission.EnterAsync(Work.Export, _ct);
        var waits = admission.EnterAsync(Work.Export, _ct);

        Assert.Equal(1, Told("inventory.admission.limit", Work.Export));
        Assert.Equal(1, Told("inventory.admission.in_use", Work.Export));
        Assert.Equal(1, Told("inventory.admission.waiting", Work.Export));
        Assert.Equal(3, Told("inventory.admission.limit", Work.CommandAlone));
        Assert.Equal(0, Told("inventory.admission.in_use", Work.CommandAlone));
        Assert.False(waits.IsCompleted);
    }

    [Theory]
    [InlineData(AdmissionOptions.PoolMin)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(100)]
    [InlineData(777)]
    public void The_budgets_together_leave_a_part_of_the_pool_for_what_runs_in_the_background(int pool)
    {
        var admission = Of(new AdmissionOptions(), pool);

        Assert.Null(new AdmissionOptions().Fault(pool));
        var spared = Math.Max(4, pool * (100 - AdmissionOptions.SharesMax) / 100);
        Assert.InRange(Enum.GetValues<Work>().Sum(admission.LimitOf), 10, pool - spared);
        Assert.All(Enum.GetValues<Work>(), work => Assert.True(admission.LimitOf(work) >= 1));
    }

    [Fact]
    public void A_pool_that_is_too_small_or_shares_that_are_too_large_are_refused_with_what_to_set()
    {
        var tooSmall = new AdmissionOptions().Fault(AdmissionOptions.PoolMin - 1);
        Assert.Contains("Maximum Pool Size", tooSmall, StringComparison.Ordinal);
        Assert.Contains("add up to 98 %", new AdmissionOptions { Lists = 20 }.Fault(100), StringComparison.Ordinal);
    }

    private Admission Of(AdmissionOptions options, int pool = 100) =>
        _admission = new Admission(options, pool, _services.GetRequiredService<IMeterFactory>(), _clock);

    private static AdmissionLease? Now(ValueTask<AdmissionLease?> entering)
    {
        Assert.True(entering.IsCompleted);
        return entering.Result;
    }

    /// <summary>What a listener is told now.</summary>
    private long Told(string name, Work work)
    {
        var told = new List<long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, to) =>
        {
            var scope = _services.GetRequiredService<IMeterFactory>();
            if (instrument.Name == name && ReferenceEquals(instrument.Meter.Scope, scope))
            {
                to.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags[0] is { Key: "work", Value: string kind } && kind == work.ToString())
            {
                told.Add(value);
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return Assert.Single(told);
    }
}
