using System.Reflection;
using Inventory.Verification.Checking;
using Inventory.Verification.Histories;

namespace Inventory.Tests.Verification;

/// <summary>The checker's rules about more than one product: lists, orders, who is told of changes, the end of a run, and what is counted.</summary>
public sealed class CheckerWholeRules
{
    private static readonly string P = Tale.Product.ToString();
    private static readonly Request List = new(Act.List, Tale.Product);

    // Acknowledged: number 1 at 1010, number 2 at 1030. The list is asked for at 101,030, and contains number 1 only: something that it lacks was acknowledged 100 ms before.
    // The clock by which it says so may differ by 50 ms.
    [Theory]
    [InlineData(false, 1, 2, 100, null)]
    [InlineData(false, 1, 2, 50, null)]
    [InlineData(false, 1, 2, 49, "invariant 11: 1-3 was told that the list is 49 ms behind, and something that is not in it had been acknowledged 100 ms before it was asked for [1-3]")]
    [InlineData(true, 1, 2, 0, "invariant 11: 1-3 was told that the list is up to date, and something that is not in it had been acknowledged 100 ms before it was asked for [1-3]")]
    [InlineData(false, 1, 1, 100, "invariant 11: 1-3 was told that the newest event is number 1, and a later one had been acknowledged before it was asked for [1-3]")]
    [InlineData(false, 1, 3, 100, null)]
    [InlineData(true, 2, 2, 0, "invariant 11: 1-3 was listed product P at version 1, and the page says it contains everything up to number 2, which is version 2 [1-3]")]
    public void A_list_says_truly_how_old_it_is(bool upToDate, long asOf, long head, long milliseconds, string? wrong)
    {
        var tale = new Tale();
        var old = tale.State().ShownOf(Tale.Product);
        tale.Adjust(1).Told(List, new Reply(End.Ok, 200) { Shown = [old], Lag = new StatedLag(upToDate, asOf, head, head - asOf, milliseconds) })
            .LastAttempt(attempt => attempt with { Began = 101_030, Ended = 101_040 });

        Assert.Equal(wrong is null ? [] : [wrong.Replace("product P", $"product {P}", StringComparison.Ordinal)], tale.Wrong());
    }

    [Theory]
    [InlineData(1_030, true)]
    [InlineData(1_031, false)]
    public void A_list_may_lack_what_is_acknowledged_when_it_is_asked_for(long began, bool right)
    {
        var tale = new Tale();
        var old = tale.State().ShownOf(Tale.Product);
        tale.Adjust(1).Told(List, new Reply(End.Ok, 200) { Shown = [old], Lag = new StatedLag(true, 1, 1, 0, 0) }).LastAttempt(attempt => attempt with { Began = began });

        Assert.Equal(right, tale.Wrong().Count == 0);
    }

    [Fact]
    public void What_came_later_and_was_acknowledged_earlier_counts_as_well()
    {
        // Number 2 is acknowledged at 200,000 only, number 3 at 1050; the list that has neither was asked for at 101,050.
        var tale = new Tale();
        var old = tale.State().ShownOf(Tale.Product);
        tale.Adjust(1).LastAttempt(attempt => attempt with { Ended = 200_000 }).Adjust(1).LastAttempt(attempt => attempt with { Ended = 1_050 })
            .Told(List, new Reply(End.Ok, 200) { Shown = [old], Lag = new StatedLag(false, 1, 1, 0, 20) }).LastAttempt(attempt => attempt with { Began = 101_050, Ended = 101_060 });

        Assert.Equal(
            [
                "invariant 11: 1-4 was told that the list is 20 ms behind, and something that is not in it had been acknowledged 100 ms before it was asked for [1-4]",
                "invariant 11: 1-4 was told that the newest event is number 1, and a later one had been acknowledged before it was asked for [1-4]",
            ],
            tale.Wrong());
    }

    [Fact]
    public void What_nobody_was_told_of_need_not_be_in_a_list()
    {
        var tale = new Tale();
        var old = tale.State().ShownOf(Tale.Product);
        tale.Adjust(1).LastAttempt(attempt => attempt with { Reply = new Reply(End.Unknown, 0) }).Told(List, new Reply(End.Ok, 200) { Shown = [old], Lag = new StatedLag(true, 1, 1, 0, 0) });

        Assert.Empty(tale.Wrong());
    }

    [Fact]
    public void A_list_says_how_old_it_is()
    {
        var tale = new Tale();
        tale.Told(List, new Reply(End.Ok, 200) { Shown = [tale.State().ShownOf(Tale.Product)] });

        Assert.Equal(["invariant 11: 1-2 was not told how old the list is [1-2]"], tale.Wrong());
    }

    [Fact]
    public void A_list_that_did_not_come_says_nothing()
    {
        Assert.Empty(new Tale().Told(List, new Reply(End.Unknown, 0)).Wrong());
        Assert.Empty(new Tale().Told(List, new Reply(End.Refused, 503) { Problem = "overloaded" }).Wrong());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void A_row_is_of_a_version_that_was_there(int version, bool was)
    {
        var tale = new Tale().Adjust(0);
        tale.Told(List, new Reply(End.Ok, 200) { Shown = [tale.State().ShownOf(Tale.Product) with { Version = version }], Lag = new StatedLag(true, 0, 2, 0, 1_000) }).AtAnyTime();

        Assert.Equal(was ? [] : [$"invariant 11: 1-3 was listed product {P} at version {version}, which it never had [1-3]"], tale.Wrong());
    }

    [Fact]
    public void A_row_is_of_a_product_that_is_there_and_shows_it_as_it_was()
    {
        var tale = new Tale();
        var row = tale.State().ShownOf(Tale.Product);
        tale.Told(List, new Reply(End.Ok, 200) { Shown = [row with { OnHand = 11 }, row with { Product = Tale.Other }], Lag = new StatedLag(true, 1, 1, 0, 0) });

        Assert.Equal(
            [
                $"invariant 11: 1-2 was listed product {P} as 11 on hand and 0 reserved; there was “A” with 10 on hand and 0 reserved at version 1 [1-2]",
                $"invariant 11: 1-2 was listed product {Tale.Other} at version 1, which it never had [1-2]",
            ],
            tale.Wrong());
    }

    [Theory]
    [InlineData(1_019, true)]
    [InlineData(1_020, false)]
    public void A_row_does_not_show_what_nobody_had_asked_for_yet(long ended, bool wrong)
    {
        var tale = new Tale().Adjust(1);
        tale.Told(List, new Reply(End.Ok, 200) { Shown = [tale.State().ShownOf(Tale.Product)], Lag = new StatedLag(true, 2, 2, 0, 0) }).LastAttempt(attempt => attempt with { Began = 1_000, Ended = ended });

        Assert.Equal(wrong ? [$"invariant 9: 1-3 was listed product {P} at version 2 before that was asked for [1-3]"] : [], tale.Wrong());
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_list_contains_what_it_was_asked_to_contain(long after, bool wrong)
    {
        var tale = new Tale().Create(Tale.Other, 1).Adjust(1);
        tale.Told(List with { Seen = after }, new Reply(End.Ok, 200)
        {
            Shown = [tale.State(Tale.Other).ShownOf(Tale.Other), tale.State().ShownOf(Tale.Product)],
            Lag = new StatedLag(true, 3, 3, 0, 0),
        });

        Assert.Equal(wrong ? [$"invariant 10: 1-4 asked for product {P} at version 3 at least, and was listed version 2 [1-4]"] : [], tale.Wrong());
    }

    [Fact]
    public void An_order_is_done_on_all_its_products_or_on_none()
    {
        var order = new Request(Act.Order, Tale.Product) { Lines = [new OrderedUnits(Tale.Product, -1), new OrderedUnits(Tale.Other, -2), new OrderedUnits(Tale.Other, -1)] };
        var whole = new Tale().Create(Tale.Other, 5).Do(order);
        var unknown = new Reply(End.Unknown, 0);
        var half = new Tale().Create(Tale.Other, 5).Do(order with { Lines = [order.Lines![0]] }).Last(operation => operation with { Request = order }).LastAttempt(attempt => attempt with { Reply = unknown });
        var none = new Tale().Create(Tale.Other, 5).Told(order, unknown);

        Assert.Empty(whole.Wrong());
        Assert.Equal(["invariant 14: order 1-3 was done on 1 of its 2 products [1-3]"], half.Wrong());
        Assert.Empty(none.Wrong());
    }

    [Fact]
    public void Products_agree_about_the_order_of_commands()
    {
        var order = new Request(Act.Order, Tale.Product) { Lines = [new OrderedUnits(Tale.Product, 1), new OrderedUnits(Tale.Other, 1)] };
        // Three orders in a row; a single adjustment in between takes no part.
        var tale = new Tale().Create(Tale.Other, 5).Do(order).Adjust(1).Do(order).Do(order);
        var actors = tale.Operations.ToDictionary(operation => operation.Id, operation => tale.Log.First(e => e.Actor == operation.Id).Command);
        var swapped = tale.Whole() with
        {
            Log = [.. tale.Log.Select(e => e.Product != Tale.Other ? e : e.Actor switch
            {
                "1-3" => e with { Actor = "1-5", Command = actors["1-5"] },
                "1-5" => e with { Actor = "1-3", Command = actors["1-3"] },
                _ => e,
            })],
        };

        Assert.Empty(tale.Wrong());
        Assert.Contains("invariant 14: products disagree about the order of 3 commands [1-3, 1-5, 1-6]", Tale.Of(swapped));
        Assert.Empty(new Tale().Create(Tale.Other, 5).Create(Tale.Id(3), 5).Do(order).Do(order with { Product = Tale.Other, Lines = [new OrderedUnits(Tale.Other, 1), new OrderedUnits(Tale.Id(3), 1)] }).Wrong());
    }

    [Fact]
    public void Who_follows_is_told_every_event_once_and_in_order()
    {
        var history = new Tale().Adjust(1).Adjust(1).Whole();
        var all = history.Log.Select(e => new ToldEvent(e.Sequence, e.Product, e.Version)).ToList();

        Assert.Empty(Told(all));
        Assert.Equal([$"invariant 16: follower 1 was told {all[2]} as number 2, and there was {all[1]}"], Told([all[0], all[2]]));
        Assert.Equal([$"invariant 16: follower 1 was told nothing more as number 3, and there was {all[2]}"], Told([all[0], all[1]]));
        Assert.Equal([$"invariant 16: follower 1 was told {all[2]} as number 4, and there was nothing more"], Told([.. all, all[2]]));
        Assert.Single(Told([]));

        IReadOnlyList<string> Told(List<ToldEvent> told) => Tale.Of(history with { Followers = [all, told] });
    }

    [Fact]
    public void A_receiver_is_told_every_fact_and_nothing_else()
    {
        var tale = new Tale(stock: 2).Reserve(1, out var held, DateTimeOffset.UnixEpoch).Happens(LoggedEvent.Expired, held, 1).Adjust(-2).Adjust(0)
            .Do(new Request(Act.Discontinue, Tale.Product)).Do(new Request(Act.Reinstate, Tale.Product));
        var history = tale.Whole();
        string[] facts = [$"{P}/3/ReservationExpired", $"{P}/4/StockDepleted", $"{P}/6/ProductDiscontinued"];
        var low = new Tale(stock: 9).Do(new Request(Act.ReorderPoint, Tale.Product) { Amount = 7 }).Adjust(-1).Adjust(-1).Adjust(-1)
            .Do(new Request(Act.ReorderPoint, Tale.Product) { Amount = 5 }).Do(new Request(Act.ReorderPoint, Tale.Product) { Amount = 6 });
        string[] untrue = ["1", "2", "3", "4", "5", "6"];

        Assert.Equal(facts, ToldCheck.FactsOf(history.Log));
        Assert.Equal([$"{P}/4/StockLow", $"{P}/7/StockLow"], ToldCheck.FactsOf(low.Log));
        Assert.Empty(Tale.Of(history with { Delivered = null }));
        Assert.Empty(Tale.Of(history with { Delivered = [.. facts, facts[0]] }));
        Assert.Equal([$"invariant 15: the receiver was never told {facts[1]}"], Tale.Of(history with { Delivered = [facts[0], facts[2]] }));
        Assert.Equal([.. untrue.Take(5).Select(id => $"invariant 15: the receiver was told {id}, which did not happen")], Tale.Of(history with { Delivered = [.. facts, .. untrue, "1"] }));
        Assert.Equal(5, Tale.Of(Depleted(6) with { Delivered = [] }).Count);

        static History Depleted(int times)
        {
            var depleted = new Tale(stock: 1);
            for (var n = 0; n < times; n++)
            {
                depleted.Adjust(-1).Adjust(1);
            }

            return depleted.Whole();
        }
    }

    [Fact]
    public void Nothing_is_proved_before_everything_was_read()
    {
        var history = new Tale().Create(Tale.Other, 1).Whole();
        var reads = history.Operations.Where(operation => operation.Client == Operation.FinalReader).ToList();

        Assert.Empty(Missing(history));
        Assert.Equal(["node 1 was not read at the end for 2 of 2 products"], Missing(history with { Run = history.Run with { Nodes = 2 } }));
        Assert.Equal(["node 0 was not read at the end for 1 of 2 products"], Missing(history with { Operations = [.. history.Operations.Except([reads[1]])] }));
        Assert.Equal(["node 0 was not read at the end for 1 of 2 products"], Missing(Unanswered(reads[1])));
        Assert.Equal(["there are no products"], Missing(history with { Run = history.Run with { Products = [] } }));
        Assert.Equal(["node 0 was not read at the end for 1 of 3 products", "1 of the products have no events"], Missing(history with { Run = history.Run with { Products = [.. history.Run.Products, Tale.Id(9)] } }));
        Assert.False(Checker.Check(history with { Run = history.Run with { Nodes = 2 } }).IsGreen);
        Assert.True(Checker.Check(history).IsGreen);

        static IReadOnlyList<string> Missing(History history) => Checker.Check(history).Missing;

        History Unanswered(Operation read) => history with
        {
            Operations = [.. history.Operations.Except([read]), read with { Attempts = [read.Attempts[0] with { Reply = new Reply(End.Unknown, 0) }] }],
        };
    }

    [Fact]
    public void When_the_faults_are_over_everybody_shows_the_end()
    {
        var history = new Tale().Reserve(2, out var held).Adjust(1).Whole();
        var row = history.Tables.List[0];
        var reserved = history.Tables.Reservations[0];
        const string End = "“A” with 11 on hand and 2 reserved at version 3";

        Assert.Empty(Tale.Of(history));
        Assert.Contains($"invariant 12: at the end node 0 shows product {P} at version 2; there is {End} [9-0]", Tale.Of(Read(row with { Version = 2 })));
        Assert.Equal([$"invariant 12: at the end the list has product {P} not at all; there is {End}"], Tale.Of(history with { Tables = history.Tables with { List = [] } }));
        Assert.Equal([$"invariant 12: at the end the list has product {P} at version 2 with 11 on hand; there is {End}"], Listed(row with { Version = 2 }));
        Assert.Equal([$"invariant 12: at the end reservation {held} is missing; by its events it is Open"], Reserved([]));
        Assert.Equal([$"invariant 12: at the end reservation {held} is Expired; by its events it is Open"], Reserved([reserved with { Status = "Expired" }]));
        Assert.Equal([$"invariant 12: at the end reservation {held} is Open; by its events it is Open"], Reserved([reserved with { Quantity = 3 }]));
        Assert.Equal([$"invariant 12: at the end reservation {held} is Open; by its events it is Open"], Reserved([reserved with { Committed = 1 }]));

        History Read(Shown shown)
        {
            var read = history.Operations[^1];
            var reply = read.Attempts[0].Reply! with { Shown = [shown] };
            return history with { Operations = [.. history.Operations.SkipLast(1), read with { Attempts = [read.Attempts[0] with { Reply = reply }] }] };
        }

        IReadOnlyList<string> Listed(Shown shown) => Tale.Of(history with { Tables = history.Tables with { List = [shown] } });

        IReadOnlyList<string> Reserved(IReadOnlyList<ProjectedReservation> reservations) => Tale.Of(history with { Tables = history.Tables with { Reservations = reservations } });
    }

    [Fact]
    public void A_reservation_is_in_the_table_as_it_was_closed()
    {
        var tale = new Tale().Reserve(2, out var first).Do(new Request(Act.Commit, Tale.Product) { Reservation = first, Amount = 1 })
            .Reserve(2, out var second).Do(new Request(Act.Release, Tale.Product) { Reservation = second }).Reserve(2, out var third).Happens(LoggedEvent.Expired, third, 2).Reserve(2, out _);

        Assert.Empty(tale.Wrong());
        Assert.Equal(["Committed 1", "Released ", "Expired ", "Open "], tale.Whole().Tables.Reservations.Select(row => $"{row.Status} {row.Committed}"));
    }

    [Theory]
    [InlineData(30_000, false)]
    [InlineData(30_001, true)]
    public void A_reservation_ends_within_half_a_minute_of_its_time(int milliseconds, bool wrong)
    {
        var history = new Tale().Reserve(2, out var held, DateTimeOffset.UnixEpoch).Reserve(2, out var closed, DateTimeOffset.UnixEpoch).Happens(LoggedEvent.Expired, closed, 2).Reserve(1, out _).Whole();

        Assert.Equal(
            wrong ? [$"invariant 15: product {P}: reservation {held} should have ended by itself long ago, and is open"] : [],
            Tale.Of(history with { Run = history.Run with { Ended = DateTimeOffset.UnixEpoch.AddMilliseconds(milliseconds) } }));
    }

    [Fact]
    public void Interesting_cases_are_counted()
    {
        var unknown = new Reply(End.Unknown, 0);
        var tale = new Tale(stock: 5).Adjust(-5).Adjust(5) // Driven to zero once.
            .Told(new Request(Act.Adjust, Tale.Product) { Amount = -6 }, new Reply(End.Refused, 422) { Problem = "insufficient-stock", Grounds = [new Ground(Tale.Product, 3, 5, 6)] })
            .Told(new Request(Act.Adjust, Tale.Product) { Amount = -7 }, new Reply(End.Refused, 422) { Problem = "insufficient-stock", Grounds = [new Ground(Tale.Product, 3, 5, 7)] })
            .Told(new Request(Act.Adjust, Tale.Product) { Amount = -8 }, new Reply(End.Refused, 422) { Problem = "insufficient-stock", Grounds = [new Ground(Tale.Product, 3, 5, 8)] })
            .Adjust(1).LastAttempt(attempt => attempt with { Reply = unknown }).Adjust(1).LastAttempt(attempt => attempt with { Reply = unknown })
            .Told(new Request(Act.Adjust, Tale.Product) { Amount = 1 }, unknown).Told(new Request(Act.Adjust, Tale.Product) { Amount = 1 }, unknown).Told(new Request(Act.Adjust, Tale.Product) { Amount = 1 }, new Reply(End.Unknown, 500))
            .Do(new Request(Act.Rename, Tale.Product) { Text = "B", Seen = 4 }).Do(new Request(Act.Rename, Tale.Product) { Text = "C", Seen = 6 })
            .Do(new Request(Act.Count, Tale.Product) { Amount = 7, IfMatch = 7 })
            .Told(new Request(Act.Rename, Tale.Product) { Seen = 1 }, new Reply(End.Refused, 409) { Problem = "version-conflict" })
            .Reserve(1, out var held).Happens(LoggedEvent.Expired, held, 1)
            .Told(List, new Reply(End.Ok, 200) { Lag = new StatedLag(false, 1, 9, 8, 1_000_000) }).Told(List, new Reply(End.Ok, 200) { Lag = new StatedLag(false, 2, 9, 7, 1_000_000) })
            .Told(List, new Reply(End.Ok, 200) { Lag = new StatedLag(true, 9, 9, 0, 0) })
            .Adjust(1).Last(operation => Again(operation, [unknown, operation.Attempts[0].Reply! with { Replayed = true }], [0, 1])) // Settled, and by another node.
            .Adjust(1).Last(operation => Again(operation, [unknown, operation.Attempts[0].Reply! with { Replayed = true }], [0, 0])) // Settled by the same one.
            .Adjust(1).Last(operation => Again(operation, [operation.Attempts[0].Reply!, operation.Attempts[0].Reply! with { Replayed = true }], [0, 2])); // Answered, and asked again.
        var history = tale.Whole();
        var counters = Checker.Check(history with
        {
            Run = history.Run with
            {
                Takeovers = 21,
                Redone = 22,
                Redelivered = 23,
                Thrown = 24,
                Held = [new Held("a", 1, 1), new Held("b", 1, 1)],
                ErrorsAfterDoubt = new Dictionary<string, int> { ["08"] = 31, ["25"] = 32, ["40"] = 33, ["53"] = 34, ["55"] = 35, ["57"] = 36, ["XX"] = 37 },
            },
        }).Counters;

        Assert.Equal(
            new Counters
            {
                Operations = 23,
                Events = 13,
                Accepted = 10,
                Refused = 4,
                UnknownAndDone = 2,
                UnknownAndNot = 3,
                SettledByAskingAgain = 2,
                ReplayedByAnotherNode = 2,
                DrivenToZero = 1,
                RefusedByOne = 1,
                Conflicts = 1,
                Merged = 1,
                Expired = 1,
                StaleLists = 2,
                Takeovers = 21,
                Redone = 22,
                InternalErrors = 1,
                Attributed = 12,
                Redelivered = 23,
                Thrown = 24,
                Held = 2,
                Errors08AfterDoubt = 31,
                Errors25AfterDoubt = 32,
                Errors40AfterDoubt = 33,
                Errors53AfterDoubt = 34,
                Errors55AfterDoubt = 35,
                Errors57AfterDoubt = 36,
                ErrorsXXAfterDoubt = 37,
            },
            counters);

        static Operation Again(Operation operation, IReadOnlyList<Reply> replies, IReadOnlyList<int> nodes) => operation with
        {
            Attempts = [.. replies.Zip(nodes).Index().Select(pair => new Attempt(pair.Item.Second, operation.Began + (2 * pair.Index), operation.Began + (2 * pair.Index) + 1, pair.Item.First))],
        };
    }

    [Fact]
    public void What_all_nodes_were_asked_at_once_is_counted_by_what_it_was()
    {
        Request[] requests =
        [
            new(Act.Adjust, Tale.Product) { Amount = 1 }, new(Act.ReorderPoint, Tale.Product) { Amount = 1, Seen = 2 }, new(Act.Rename, Tale.Product) { Text = "B", IfMatch = 3 },
            new(Act.Reserve, Tale.Product) { Amount = 1 }, new(Act.Create, Tale.Other) { Text = "B" }, new(Act.Order, Tale.Product) { Lines = [new OrderedUnits(Tale.Product, 1)] },
            new(Act.Import, Tale.Product) { Lines = [new OrderedUnits(Tale.Product, 1)] },
        ];
        var (tale, later, one) = (new Tale(), new Tale(), new Tale());
        foreach (var request in requests)
        {
            Func<LoggedEvent, LoggedEvent> e = e => request.Act == Act.Reserve ? e with { Reservation = Tale.Id(7) } : e;
            tale.Do(request, e).Last(operation => Sent(operation, node: 1, operation.Attempts[0].Ended - 1));
            later.Do(request, e).Last(operation => Sent(operation, node: 1, operation.Attempts[0].Ended));
            one.Do(request, e).Last(operation => Sent(operation, node: 0, operation.Attempts[0].Ended - 1));
        }

        tale.Adjust(1).LastAttempt(attempt => attempt with { Reply = new Reply(End.Unknown, 0) });
        var history = tale.Whole();
        var rename = tale.Operations[3].Attempts[0];
        var killed = history with { Run = history.Run with { Spans = [new FaultSpan("kill-all", null, rename.Began - 30, rename.Began + 1), new FaultSpan("slow", 0, 0, 9_999)] } };
        var counters = Checker.Check(killed).Counters;

        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, 2], AtOnce(counters));
        Assert.All(AtOnce(Checker.Check(later.Whole()).Counters), count => Assert.Equal(0, count));
        Assert.All(AtOnce(Checker.Check(one.Whole()).Counters), count => Assert.Equal(0, count));
        Assert.Equal(7, counters.RefusedAndDone);

        static Operation Sent(Operation operation, int node, long began) => operation with
        {
            Attempts = [operation.Attempts[0], new Attempt(node, began, began + 20, new Reply(End.Refused, 409) { Problem = "request-in-flight" })],
        };

        static IEnumerable<int> AtOnce(Counters counters) =>
        [
            counters.AdjustmentsAtOnce, counters.ReorderPointsAtOnce, counters.RenamesAtOnce, counters.ReservationsAtOnce, counters.OrdersAtOnce, counters.CreationsAtOnce,
            counters.ImportsAtOnce, counters.IfMatchAtOnce, counters.SeenAtOnce, counters.AtOnceUnderKill,
        ];
    }

    [Fact]
    public void The_sum_of_runs_is_the_sum_of_every_count()
    {
        var counts = typeof(Counters).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.PropertyType == typeof(int)).ToList();
        var (one, other) = (new Counters(), new Counters());
        foreach (var (number, count) in counts.Index())
        {
            count.SetValue(one, number + 1);
            count.SetValue(other, 100 * (number + 1));
        }

        Assert.Equal(43, counts.Count);
        Assert.All(counts.Index(), pair => Assert.Equal(101 * (pair.Index + 1), pair.Item.GetValue(one + other)));
    }
}
