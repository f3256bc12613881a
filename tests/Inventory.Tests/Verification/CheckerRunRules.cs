using Inventory.Verification.Checking;
using Inventory.Verification.Histories;

namespace Inventory.Tests.Verification;

/// <summary>The checker's rules about a run as a whole: a database that stands still or is set back, nuisances, and what is left behind.</summary>
public sealed class CheckerRunRules
{
    private static readonly string P = Tale.Product.ToString();

    // The database stands still from 1,000,000 to 9,000,000 µs. A command has 16 s, a read 6 s.
    [Theory]
    [InlineData(Act.Adjust, 16_000_000, 200, false)]
    [InlineData(Act.Adjust, 16_000_001, 200, true)]
    [InlineData(Act.Adjust, 16_000_001, 503, true)]
    [InlineData(Act.Adjust, 16_000_001, 0, true)]
    [InlineData(Act.Order, 16_000_001, 200, true)]
    [InlineData(Act.Import, 16_000_001, 200, false)]
    [InlineData(Act.Read, 6_000_000, 200, false)]
    [InlineData(Act.Read, 6_000_001, 200, true)]
    [InlineData(Act.List, 6_000_001, 503, true)]
    internal void While_the_database_stands_still_deadlines_are_kept(Act act, long took, int status, bool wrong)
    {
        var attempt = new Attempt(1, 2_000_000, 2_000_000 + took, new Reply(status == 200 ? End.Ok : End.Unknown, status));
        var still = new FaultSpan("stand-still", null, 1_000_000, 9_000_000);
        var words = $"invariant 19: 1-1 ({act}) had {(status == 0 ? "no answer" : "an answer")} after {took / 1_000} ms while the database stood still, and "
            + $"{(act is Act.Read or Act.List ? 6_000 : 16_000)} ms are its deadline (the client itself was 0 ms late) [1-1]";

        Assert.Equal(wrong ? [words] : [], Late(still));
        Assert.Equal(wrong ? [words] : [], Late(still with { Fault = "long-stand-still" }));
        Assert.Equal(wrong ? [words] : [], Late(still, still with { Fault = "kill", Node = 0 }));
        Assert.Empty(Late(still with { Fault = "slow" }));
        Assert.Empty(Late(still with { Began = attempt.Ended }));
        Assert.Empty(Late(still with { Ended = attempt.Began }));
        Assert.Empty(Late(still, still with { Fault = "kill", Node = 1 }));
        Assert.Empty(Late(still, still with { Fault = "kill-all" }));

        IEnumerable<string> Late(params FaultSpan[] spans) => DeadlineCheck.Of(Of(attempt, act) is var history ? history with { Run = history.Run with { Spans = spans } } : null!)
            .Select(violation => violation.ToString());
    }

    [Theory]
    [InlineData(2_500_000, 1_000, false)] // While the request was under way.
    [InlineData(2_500_000, 999, true)] // Not late enough to explain it.
    [InlineData(2_000_000, 1_000, true)] // Before it.
    [InlineData(19_000_000, 999_000, true)] // After it.
    public void A_client_that_was_late_itself_is_not_held_against_the_service(long at, long late, bool wrong)
    {
        var history = Of(new Attempt(0, 2_000_000, 18_001_000, new Reply(End.Ok, 200)), Act.Adjust);
        var run = history.Run with { Spans = [new FaultSpan("stand-still", null, 1_000_000, 9_000_000)], Lateness = [new Late(at, late), new Late(at, 1)] };

        Assert.Equal(wrong, DeadlineCheck.Of(history with { Run = run }).Any());
        Assert.Equal(1, Checker.Check(history with { Run = run }).Counters.StoodStill);
    }

    [Theory]
    [InlineData(End.Ok, 200, null, false)]
    [InlineData(End.Refused, 422, "product-discontinued", false)]
    [InlineData(End.Refused, 409, "version-conflict", false)]
    [InlineData(End.Refused, 503, "conflict-retries-exhausted", true)]
    [InlineData(End.Refused, 503, "unavailable", true)]
    [InlineData(End.Unknown, 503, "outcome-unknown", true)]
    internal void When_the_faults_are_over_every_product_takes_a_command(End end, int status, string? problem, bool wrong)
    {
        var unavailable = new Reply(End.Refused, 503) { Problem = "unavailable" };
        var last = new Reply(end, status) { Problem = problem };
        var tried = Of(new Attempt(0, 1, 2, unavailable), Act.Adjust, Operation.FinalWriter);
        var history = tried with { Operations = [.. Of(new Attempt(0, 3, 4, last), Act.Adjust, Operation.FinalWriter).Operations, .. tried.Operations] };

        Assert.Equal(
            wrong ? [$"invariant 19: when the faults were over product {P} took no command: 1-1 was answered {problem} after 2 others [1-1]"] : [],
            DeadlineCheck.Of(history).Select(violation => violation.ToString()));
    }

    // 1-2 was acknowledged at 1030 and is in the copy. 2-3 was acknowledged at 1050 and is not. The server was stopped at 1100 and gone at 1200.
    [Theory]
    [InlineData(1_031, null)]
    [InlineData(1_050, null)]
    [InlineData(1_051, "invariant 1: product P: 2-3 was acknowledged, and no event of it is there [2-3]")]
    public void What_was_acknowledged_before_the_copy_is_in_it(long copyBegan, string? wrong)
    {
        Assert.Equal(Words(wrong), Tale.Of(SetBack(copyBegan: copyBegan)));
        Assert.Equal((1, 1), Checker.Check(SetBack()).Counters is var counters ? (counters.SetBacks, counters.LostEvents) : default);
    }

    [Fact]
    public void What_the_copy_holds_was_answered_as_before()
    {
        // Asked again after it was set back: what is in the copy is answered the same, what is not is done anew.
        var kept = Again(SetBack(), "1-2", reply => reply with { Replayed = true });
        var other = Again(SetBack(), "1-2", reply => reply with { Body = "other" });

        Assert.Empty(Tale.Of(kept));
        Assert.Equal(["invariant 6: 1-2 was sent 2 times under one key and got 2 different answers, with status 200 and 200 [1-2]"], Tale.Of(other));
    }

    [Fact]
    public void What_was_lost_may_be_done_anew_when_it_is_asked_for_again_and_only_then()
    {
        var history = SetBack();
        var (first, anew) = (history.Operations.Single(operation => operation.Id == "2-3"), history.Operations.Single(operation => operation.Id == "1-3"));
        var log = history.Log.Select(e => e.Actor == "1-3" ? e with { Actor = "2-3", Amount = -2, Trace = Operation.TraceOf("2-3", 1) } : e).ToList();
        var states = log.Aggregate(default(ProductState), (state, e) => state.After(e));
        var reply = anew.Attempts[0].Reply! with { Shown = [states.ShownOf(Tale.Product)] };
        var again = first with { Attempts = [first.Attempts[0], anew.Attempts[0] with { Reply = reply }] };
        var young = history with
        {
            Log = log,
            Tables = history.Tables with { List = [states.ShownOf(Tale.Product)] },
            Operations = [.. history.Operations.Where(operation => operation.Client == 1 && operation.Id != "1-3"), again, FinalRead(states)],
        };

        Assert.Empty(Tale.Of(young));
        Assert.Contains(
            $"invariant 4: product {P}: version 3 is stock_adjusted by 2-3, and no client asked for it [2-3]",
            Tale.Of(young with { Operations = [.. young.Operations.Except([again]), first] }));
    }

    [Theory]
    [InlineData(true, 1_300, true)] // The receipt is lost, so the key is anybody's.
    [InlineData(false, 1_300, true)] // The same, and nobody was told.
    [InlineData(true, 1_060, false)] // The key was known then.
    public void A_key_whose_receipt_was_lost_may_be_used_for_something_else(bool isAnswered, long began, bool right)
    {
        var history = SetBack();
        var first = history.Operations.Single(operation => operation.Id == "2-3");
        var log = history.Log.Select(e => e.Actor == "1-3" ? e with { Actor = "2-3", Amount = first.Request.Otherwise().Amount, Trace = Operation.TraceOf("2-3", 1) } : e).ToList();
        var last = log.Aggregate(default(ProductState), (state, e) => state.After(e));
        var reply = isAnswered ? new Reply(End.Ok, 200) { Shown = [last.ShownOf(Tale.Product)] } : new Reply(End.Unknown, 0);
        var asked = first with { Attempts = [first.Attempts[0], new Attempt(0, began, began + 10, reply, OtherBody: true)] };
        var wrong = Tale.Of(history with
        {
            Log = log,
            Tables = history.Tables with { List = [last.ShownOf(Tale.Product)] },
            Operations = [.. history.Operations.Where(operation => operation.Client == 1 && operation.Id != "1-3"), asked, FinalRead(last)],
        });

        Assert.Equal(right, wrong.Count == 0);
    }

    // Read after the copy had been put in its place: version 3 is now 5 on hand, and was 7.
    [Theory]
    [InlineData(1_300, 5, null)]
    [InlineData(1_201, 7, "invariant 8: product P: 1-4 was shown “A” with 7 on hand and 0 reserved at version 3; there was “A” with 5 on hand and 0 reserved at version 3 [1-4]")]
    [InlineData(1_200, 7, null)] // It was under way when the server was stopped.
    [InlineData(1_060, 7, null)]
    public void What_a_node_remembers_of_what_was_lost_is_not_shown(long began, int onHand, string? wrong)
    {
        var read = new Attempt(0, began, Math.Max(began + 10, began > 1_099 ? 5_000 : 0), new Reply(End.Ok, 200)
        {
            Shown = [new Shown(Tale.Product, 3, "A", onHand, 0, onHand, null, false)],
        });
        var history = SetBack();
        var operation = new Operation("1-4", 3, new Request(Act.Read, Tale.Product), [read]);

        Assert.Equal(Words(wrong), Tale.Of(history with { Operations = [.. history.Operations, operation] }));
    }

    [Fact]
    public void What_a_node_remembers_of_what_was_lost_decides_nothing()
    {
        var refused = new Reply(End.Refused, 422) { Problem = "insufficient-stock", Grounds = [new Ground(Tale.Product, 3, 7, 8)] };
        var history = SetBack();
        var operation = new Operation("1-4", 3, new Request(Act.Adjust, Tale.Product) { Amount = -8 }, [new Attempt(0, 1_400, 1_410, refused)]);

        Assert.Equal(
            [$"invariant 8: product {P}: 1-4 was refused as insufficient-stock (7 available); there was “A” with 5 on hand and 0 reserved at version 3 [1-4]"],
            Tale.Of(history with { Operations = [.. history.Operations, operation] }));
    }

    [Fact]
    public void What_was_under_way_when_the_server_was_stopped_may_be_in_either_history_or_in_none()
    {
        var history = SetBack();
        var adjust = new Request(Act.Adjust, Tale.Product) { Amount = -1 };
        var answered = new Reply(End.Ok, 200) { Shown = [new Shown(Tale.Product, 9, "A", 9, 0, 9, null, false)] };
        var ended = new Operation("1-4", 3, adjust, [new Attempt(0, 1_090, 1_100, answered)]);
        var before = ended with { Attempts = [ended.Attempts[0] with { Ended = 1_099 }] };

        Assert.Empty(Tale.Of(history with { Operations = [.. history.Operations, ended] }));
        Assert.Equal([$"invariant 1: product {P}: 1-4 was acknowledged, and no event of it is there [1-4]"], Tale.Of(history with { Operations = [.. history.Operations, before] }));
    }

    [Fact]
    public void Who_follows_is_told_the_new_history_from_its_beginning()
    {
        var history = SetBack();
        var (old, young) = (Told(history.Lost[0].Log), Told(history.Log));

        Assert.Empty(Following(old, young));
        Assert.Empty(Following(old[..1], young));
        Assert.Equal([$"invariant 16: follower 0 was told {old[2]} as number 2, and there was {old[1]}"], Following([old[0], old[2]], young));
        Assert.Equal([$"invariant 16: follower 0 was told nothing more as number 3, and there was {young[2]}"], Following(old, young[..2]));

        IReadOnlyList<string> Following(List<ToldEvent> before, List<ToldEvent> after) =>
            Tale.Of(history with { Followers = [after], Lost = [history.Lost[0] with { Followers = [before] }] });

        static List<ToldEvent> Told(IEnumerable<LoggedEvent> log) => [.. log.Select(e => new ToldEvent(e.Sequence, e.Product, e.Version))];
    }

    [Fact]
    public void A_receiver_may_have_been_told_what_was_lost()
    {
        var history = SetBack();
        var lost = new Tale(stock: 1).Adjust(-1);

        Assert.DoesNotContain(
            Tale.Of(history with { Lost = [history.Lost[0] with { Log = lost.Log }], Delivered = [$"{P}/2/StockDepleted"] }),
            words => words.StartsWith("invariant 15", StringComparison.Ordinal));
        Assert.Equal([$"invariant 15: the receiver was told {P}/2/StockDepleted, which did not happen"], Tale.Of(history with { Delivered = [$"{P}/2/StockDepleted"] }));
    }

    // In the quiet 99 of 100 took 1 ms or 60 ms. Ten times that is allowed, and half a second in any case.
    [Theory]
    [InlineData(1_000, 500_000, null)]
    [InlineData(1_000, 500_001, "made to wait 500 ms (Read); while there were single sales, 1 ms, so that 500 ms are allowed")]
    [InlineData(60_000, 600_000, null)]
    [InlineData(60_000, 600_001, "made to wait 600 ms (Read); while there were single sales, 60 ms, so that 600 ms are allowed")]
    public void Nobody_waits_because_somebody_else_is_a_nuisance(long quiet, long nuisance, string? wrong)
    {
        string[] expected = wrong is null ? [] : [$"invariant 17: while there were uploads, one in a hundred others was {wrong}"];

        Assert.Equal(expected, Isolation(quiet, [.. Enumerable.Repeat(nuisance, 2), .. Enumerable.Repeat(1_000L, 98)]));
        Assert.Equal(expected, Isolation(quiet, [nuisance]));
        Assert.Empty(Isolation(quiet, [nuisance, .. Enumerable.Repeat(1_000L, 99)]));
        Assert.Empty(Isolation(quiet, [nuisance], late: 1));
        Assert.Empty(Isolation(quiet, [nuisance], client: Phase.FirstOnlooker - 1));
    }

    [Theory]
    [InlineData(End.Refused, 503, true)]
    [InlineData(End.Unknown, 0, true)]
    [InlineData(End.Refused, 422, false)]
    internal void Nobody_is_turned_away_because_somebody_else_is_a_nuisance(End end, int status, bool wrong)
    {
        Assert.Equal(
            wrong ? ["invariant 17: while there were uploads, one in a hundred others was turned away (Read); while there were single sales, 1 ms, so that 500 ms are allowed"] : [],
            Isolation(1_000, [1_000], reply: new Reply(end, status)));
    }

    [Fact]
    public void A_nuisance_that_nobody_looked_on_proves_nothing()
    {
        var history = Of(new Attempt(0, 10, 20, new Reply(End.Ok, 200)), Act.Read, Phase.FirstOnlooker);
        var phases = history with { Run = history.Run with { Phases = [new Phase(Phase.Quiet, 0, 11), new Phase("uploads", 11, 20)] } };

        Assert.Equal(["nobody looked on while uploads"], IsolationCheck.Missing(phases));
        Assert.Contains("nobody looked on while uploads", Checker.Check(phases).Missing);
        Assert.Equal(1, Checker.Check(phases).Counters.OnlookedAt);
    }

    [Theory]
    [InlineData("inventory.commands.waiting", 0, 0, false)]
    [InlineData("inventory.commands.waiting", 2, 2, false)]
    [InlineData("inventory.commands.waiting", 2, 3, true)]
    [InlineData("sessions in a transaction", 0, 1, true)]
    [InlineData("messages that are tried again and again", 0, 1, true)]
    [InlineData("http.server.active_requests", 2, 5, false)]
    [InlineData("http.server.active_requests", 2, 6, true)]
    public void Nothing_is_left_behind(string what, double before, double after, bool wrong)
    {
        Assert.Equal(
            wrong ? [$"invariant 18: {what}: there were {before} before the load, and {after} are left half a minute after it"] : [],
            LeakCheck.Of([new Held(what, before, after)]).Select(violation => violation.ToString()));
    }

    [Theory]
    [InlineData("inventory.commands.waiting", true)]
    [InlineData("conflicts.leases/reads", true)]
    [InlineData("inventory.projections.lag_events", false)]
    [InlineData("inventory.messages.pending", false)]
    [InlineData("kestrel.active_connections", false)]
    [InlineData("http.server.active_requests", true)]
    public void What_is_held_is_told_by_its_name(string metric, bool isHeld) => Assert.Equal(isHeld, LeakCheck.IsHeld(metric));

    private static string[] Words(string? words) => words is null ? [] : [words.Replace("product P", $"product {P}", StringComparison.Ordinal)];

    private static History Of(Attempt attempt, Act act, int client = 1) => new(
        new RunFacts(0, "one", "none", 1, [], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch),
        [new Operation("1-1", client, new Request(act, Tale.Product) { Lines = act is Act.Order or Act.Import ? [] : null }, [attempt])], [], new ProjectedTables([], []));

    private static IEnumerable<string> Isolation(long quiet, IReadOnlyList<long> nuisance, long late = 0, int client = Phase.FirstOnlooker, Reply? reply = null)
    {
        var attempts = nuisance.Select((took, number) => new Attempt(0, 1_000_000 + number, 1_000_000 + number + took, reply ?? new Reply(End.Ok, 200)));
        var history = Of(new Attempt(0, 10, 10 + quiet, new Reply(End.Ok, 200)), Act.Read, client);
        var run = history.Run with
        {
            Phases = [new Phase(Phase.Quiet, 0, 1_000_000), new Phase("uploads", 1_000_000, 2_000_000)],
            Lateness = [new Late(1_000_001, late)],
        };
        return IsolationCheck.Of(history with { Run = run, Operations = [.. history.Operations, new Operation("1-2", client, history.Operations[0].Request, [.. attempts])] })
            .Select(violation => violation.ToString());
    }

    /// <summary>1-2 sold one; 2-3 sold two, which was lost; 1-3 sold four.</summary>
    private static History SetBack(long copyBegan = 1_035)
    {
        var old = new Tale().Adjust(-1).Adjust(-2).Last(operation => operation with { Id = "2-3", Client = 2 });
        var young = new Tale().Adjust(-1);
        young.Now = 1_300;
        young.Do(new Request(Act.Adjust, Tale.Product) { Amount = -4 }, e => e with { Command = Tale.Id(500) });
        var history = young.Whole();
        var lost = old.Log.Select(e => e.Actor == "1-3" ? e with { Actor = "2-3", Trace = Operation.TraceOf("2-3", 0) } : e).ToList();
        return history with
        {
            Operations = [.. history.Operations, old.Operations[^1]],
            Lost = [new LostHistory(lost, [])],
            Run = history.Run with { SetBacks = [new SetBack(copyBegan, 1_100, 1_200)] },
        };
    }

    private static History Again(History history, string id, Func<Reply, Reply> change) => history with
    {
        Operations =
        [
            .. history.Operations.Select(operation => operation.Id != id ? operation : operation with
            {
                Attempts = [.. operation.Attempts, new Attempt(1, 2_000, 2_010, change(operation.Attempts[0].Reply!))],
            }),
        ],
    };

    private static Operation FinalRead(ProductState state) => new(
        "9-0", Operation.FinalReader, new Request(Act.Read, Tale.Product), [new Attempt(0, 1L << 50, (1L << 50) + 1, new Reply(End.Ok, 200) { Shown = [state.ShownOf(Tale.Product)] })]);
}
