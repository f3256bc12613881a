using System.Text.Json;
using System.Globalization;
using System.Security.Cryptography;
using Inventory.Verification;
using Inventory.Verification.Checking;
using Inventory.Verification.Histories;

namespace Inventory.Tests.Verification;

public sealed class CheckerTests(ITestOutputHelper output)
{
    private const int Histories = 100_000;
    private const int Runs = 3;

    private static readonly ulong Seed = ulong.TryParse(Environment.GetEnvironmentVariable("INVENTORY_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
        ? seed
        : BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    // Once for all tests: histories are not changed, they are copied.
    private static readonly IReadOnlyList<History> Right = [.. Enumerable.Range(0, Runs).Select(run => SimulatedRun.Of(Seed + (ulong)run, 2_000, 4))];

    public static TheoryData<string> Wrongs => [.. Mutants.All.Keys];

    [Fact]
    public void It_agrees_with_trying_all_orders_on_a_hundred_thousand_small_histories()
    {
        var dice = new Dice(Seed);
        var right = 0;
        for (var n = 0; n < Histories; n++)
        {
            var history = SmallHistories.Draw(dice);
            var verdict = Checker.Check(history);
            var linearizable = new BruteForce(history).IsLinearizable();
            Assert.True(verdict.Missing.Count == 0 && linearizable == verdict.IsGreen, $"{Told(history, verdict, linearizable)}\nRepeat it with INVENTORY_SEED={Seed}; it is history {n}.");
            right += linearizable ? 1 : 0;
        }

        output.WriteLine($"seed {Seed}: {right} of {Histories} are linearizable");
        Assert.InRange(right, Histories / 5, Histories * 4 / 5);
    }

    [Fact]
    public void It_finds_a_run_that_keeps_every_promise_green()
    {
        var verdict = Checker.Check(SimulatedRun.Of(Seed, 5_000, 5));

        Assert.True(verdict.IsGreen, $"{string.Join('\n', verdict.Violations.Take(5))}\n{string.Join('\n', verdict.Missing)}\nRepeat it with INVENTORY_SEED={Seed}.");
        Assert.All(
            [verdict.Counters.UnknownAndDone, verdict.Counters.UnknownAndNot + 1, verdict.Counters.SettledByAskingAgain, verdict.Counters.DrivenToZero, verdict.Counters.Conflicts, verdict.Counters.Merged, verdict.Counters.StaleLists],
            count => Assert.NotEqual(0, count));
    }

    [Theory]
    [MemberData(nameof(Wrongs))]
    public void It_catches(string wrong)
    {
        var (invariant, mutate) = Mutants.All[wrong];
        for (var run = 0; run < Runs; run++)
        {
            var dice = new Dice(Seed + (ulong)run);
            var verdict = Checker.Check(mutate(new Mutants(Right[run], dice)));

            Assert.True(
                verdict.Violations.Any(violation => violation.Invariant == invariant),
                $"Invariant {invariant} is not found broken, but {string.Join('\n', verdict.Violations.Take(5))}\nRepeat it with INVENTORY_SEED={Seed}; it is run {run}.");
        }
    }

    [Fact]
    public void A_run_whose_last_reads_are_missing_proves_nothing()
    {
        var history = SimulatedRun.Of(Seed, 200, 2);
        var left = history.Operations.Where(operation => operation.Client != Operation.FinalReader || operation.Attempts[0].Node != 1).ToList();
        var verdict = Checker.Check(history with { Operations = left });

        Assert.Equal(["node 1 was not read at the end for 2 of 2 products"], verdict.Missing);
        Assert.Empty(verdict.Violations);
        Assert.False(verdict.IsGreen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_named_no_version_can_only_clash_with_what_came_while_it_was_under_way(bool meanwhile)
    {
        var history = SimulatedRun.Of(Seed, 2_000, 4);
        var refused = history.Operations.First(operation => operation.Attempts is [{ Reply.Problem: "product-discontinued" }]);
        var version = refused.Attempts[0].Reply!.Grounds[0].Version;
        var away = history.Operations.First(operation => operation.Request is { Act: Act.Discontinue } && operation.Request.Product == refused.Request.Product
            && operation.Answered is { } answered && answered.Reply!.Shown[0].Version == version);
        var conflict = new Attempt(0, meanwhile ? away.Began : away.Answered!.Ended + 1, Attempt.Never - 1, new Reply(End.Refused, 409)
        {
            Problem = "version-conflict",
            Shown = away.Answered!.Reply!.Shown,
            Changes = [new ToldChange(version, "ProductDiscontinued", true)],
        });

        var verdict = Checker.Check(history with { Operations = [.. history.Operations.Except([refused]), refused with { Attempts = [conflict] }] });

        Assert.Equal(meanwhile, verdict.IsGreen);
        Assert.Equal(!meanwhile, verdict.Violations.Any(violation => violation.Invariant == 8));
    }

    [Fact]
    public void A_history_is_the_same_when_it_was_written_and_read()
    {
        var folder = Directory.CreateTempSubdirectory("history-").FullName;
        var simulated = SimulatedRun.Of(Seed, 500, 3);
        var history = simulated with
        {
            Operations = [.. simulated.Operations, WithEverything()],
            Run = WithEverything(simulated.Run),
            Lost = [new LostHistory(simulated.Log.Take(9).ToList(), [[new ToldEvent(1, Guid.Empty, 2)], []]), new LostHistory([], [])],
        };
        HistoryFolder.Write(folder, history);
        var read = HistoryFolder.Read(folder)!;

        Assert.Equal(history.Log, read.Log);
        Assert.Equal(history.Lost.SelectMany(lost => lost.Log), read.Lost.SelectMany(lost => lost.Log));
        Assert.Equal(history.Lost.SelectMany(lost => lost.Followers.SelectMany(told => told)), read.Lost.SelectMany(lost => lost.Followers.SelectMany(told => told)));
        Assert.Equal(JsonSerializer.Serialize(history.Run), JsonSerializer.Serialize(read.Run));
        Assert.Equal(Lines(history), Lines(read));
        Assert.Equal(Checker.Check(history).Counters, Checker.Check(read).Counters);
        Directory.Delete(folder, recursive: true);

        static IEnumerable<string> Lines(History of) => of.Operations.OrderBy(operation => operation.Id, StringComparer.Ordinal).Select(operation => JsonSerializer.Serialize(operation));
    }

    private static RunFacts WithEverything(RunFacts run) => run with
    {
        SentTwice = [WithEverything().Id],
        Ahead = TimeSpan.FromSeconds(1),
        Spans = [new FaultSpan("kill", 1, 2, 3), new FaultSpan("crash", null, 4, 5)],
        SetBacks = [new SetBack(1L << 60, 7, 8), new SetBack(1L << 61, (1L << 61) + 1, (1L << 61) + 2)],
        Lateness = [new Late(9, 10)],
        Phases = [new Phase(Phase.Quiet, 11, 12)],
        Held = [new Held("held", 13.5, 14)],
        ErrorsAfterDoubt = new Dictionary<string, int> { ["08"] = 15 },
        Thrown = 16,
        Redelivered = 17,
        Takeovers = 18,
        Redone = 19,
    };

    /// <summary>An operation of which every member is set, and none to what another one is set to.</summary>
    private static Operation WithEverything()
    {
        var dice = new Dice(1);
        var ids = Enumerable.Range(0, 8).Select(_ => dice.Id()).ToList();
        var request = new Request(Act.Order, ids[0])
        {
            Amount = 11,
            Text = "“text”",
            Reservation = ids[1],
            Seconds = 12,
            Seen = 13,
            IfMatch = 14,
            Lines = [new OrderedUnits(ids[2], 15), new OrderedUnits(ids[3], -16)],
        };
        var reply = new Reply(End.Refused, 409)
        {
            Problem = "problem",
            Shown = [new Shown(ids[4], 17, "name", 18, 19, 20, 21, true)],
            RefusedLines = [ids[7]],
            Grounds = [new Ground(ids[5], 22, 23, 24)],
            Changes = [new ToldChange(25, "event", true)],
            Reservation = ids[6],
            Replayed = true,
            Body = "body",
            Error = "error",
            Lag = new StatedLag(true, 26, 27, 28, 29),
        };
        return new Operation("99-1", 99, request, [new Attempt(1, 30, 31, reply), new Attempt(2, 32, 33, new Reply(End.Unknown, 0), OtherBody: true)]) { SentTwice = true };
    }

    private static string Told(History history, Verdict verdict, bool linearizable) => string.Join('\n',
    [
        linearizable ? "There is an order that explains it, and the checker says:" : "No order explains it, and the checker finds nothing wrong:",
        .. verdict.Violations.Select(violation => violation.ToString()),
        .. history.Operations.Select(operation =>
        {
            var (attempt, reply) = (operation.Attempts[0], operation.Attempts[0].Reply!);
            return $"{operation.Id} {operation.Request.Act} {operation.Request.Amount} {operation.Request.Text} if {operation.Request.IfMatch} [{attempt.Began}, {attempt.Ended}]: "
                + $"{reply.End} {string.Join(' ', reply.Shown)} {string.Join(' ', reply.Grounds)}";
        }),
        .. history.Log.Select(e => e.ToString()),
    ]);
}
