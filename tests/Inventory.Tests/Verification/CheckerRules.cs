using Inventory.Verification.Checking;
using Inventory.Verification.Histories;

namespace Inventory.Tests.Verification;

/// <summary>The checker's rules one by one, each on both sides of its bound, and the words it says when one is broken.</summary>
public sealed class CheckerRules
{
    private static readonly string P = Tale.Product.ToString();
    private static readonly string Q = Tale.Other.ToString();
    private static readonly DateTimeOffset Over = DateTimeOffset.UnixEpoch;

    [Fact]
    public void A_tale_that_nobody_changed_is_right()
    {
        var tale = new Tale().Adjust(-3).Read().Do(new Request(Act.Rename, Tale.Product) { Text = "B", Seen = 2 }).Do(new Request(Act.Count, Tale.Product) { Amount = 6, IfMatch = 3 })
            .Reserve(4, out var first).Do(new Request(Act.Commit, Tale.Product) { Reservation = first, Amount = 3 })
            .Reserve(2, out var second).Do(new Request(Act.Release, Tale.Product) { Reservation = second })
            .Do(new Request(Act.Discontinue, Tale.Product) { IfMatch = 8 }).Do(new Request(Act.Reinstate, Tale.Product) { IfMatch = 9 })
            .Create(Tale.Other, 5).Do(new Request(Act.Order, Tale.Product) { Lines = [new OrderedUnits(Tale.Product, -1), new OrderedUnits(Tale.Other, -2)] });

        Assert.Empty(tale.Wrong());
        Assert.Equal("“B” with 3 on hand and 0 reserved, discontinued, at version 9", tale.Log.Where(e => e.Product == Tale.Product).Take(9).Aggregate(default(ProductState), (state, e) => state.After(e)).ToString());
        Assert.Equal(("“B” with 2 on hand and 0 reserved at version 11", "“A” with 3 on hand and 0 reserved at version 2"), (tale.State().ToString(), tale.State(Tale.Other).ToString()));
    }

    // What a refusal says of a version, and whether it is true there. The story: 1 created with 10, 2 reserved 4 (#1), 3 sold 3, 4 committed 3 of #1, 5 reserved 2 (#2),
    // 6 released #2, 7 reserved 1 (#3, its time is over), 8 it expires, 9 discontinued, 10 reinstated, 11 reserved 1 (#4, its time is over), 12 reserved 1 (#5, its time is not).
    [Theory]
    [InlineData("insufficient-stock", Act.Adjust, -20, 0, 1, 10, 20, true)]
    [InlineData("insufficient-stock", Act.Adjust, -20, 0, 2, 6, 20, true)]
    [InlineData("insufficient-stock", Act.Adjust, -20, 0, 1, 9, 20, false)]
    [InlineData("insufficient-stock", Act.Adjust, -20, 0, 1, 10, 19, false)]
    [InlineData("insufficient-stock", Act.Adjust, -10, 0, 1, 10, 10, false)]
    [InlineData("insufficient-stock", Act.Adjust, -11, 0, 1, 10, 11, true)]
    [InlineData("insufficient-stock", Act.Adjust, -20, 0, 1, null, null, true)]
    [InlineData("insufficient-stock", Act.Reserve, 20, 0, 1, 10, 20, true)]
    [InlineData("insufficient-stock", Act.Reserve, 20, 0, 1, 10, -20, false)]
    [InlineData("count-below-reserved", Act.Count, 3, 0, 2, null, null, true)]
    [InlineData("count-below-reserved", Act.Count, 4, 0, 2, null, null, false)]
    [InlineData("product-discontinued", Act.Adjust, -1, 0, 8, null, null, false)]
    [InlineData("product-discontinued", Act.Adjust, -1, 0, 9, null, null, true)]
    [InlineData("product-discontinued", Act.Adjust, -1, 0, 10, null, null, false)]
    [InlineData("product-not-discontinued", Act.Reinstate, 0, 0, 9, null, null, false)]
    [InlineData("product-not-discontinued", Act.Reinstate, 0, 0, 10, null, null, true)]
    [InlineData("reservation-committed", Act.Commit, 1, 1, 3, null, null, false)]
    [InlineData("reservation-committed", Act.Commit, 1, 1, 4, null, null, true)]
    [InlineData("reservation-committed", Act.Commit, 1, 1, 5, null, null, true)]
    [InlineData("reservation-committed", Act.Commit, 1, 2, 6, null, null, false)]
    [InlineData("reservation-committed", Act.Commit, 1, 0, 6, null, null, false)]
    [InlineData("reservation-released", Act.Commit, 1, 2, 5, null, null, false)]
    [InlineData("reservation-released", Act.Commit, 1, 2, 6, null, null, true)]
    [InlineData("reservation-released", Act.Commit, 1, 1, 6, null, null, false)]
    [InlineData("reservation-expired", Act.Commit, 1, 3, 8, null, null, true)]
    [InlineData("reservation-expired", Act.Commit, 1, 3, 7, null, null, true)]
    [InlineData("reservation-expired", Act.Commit, 1, 3, 6, null, null, false)]
    [InlineData("reservation-expired", Act.Commit, 1, 1, 8, null, null, false)]
    [InlineData("reservation-expired", Act.Commit, 1, 4, 11, null, null, true)]
    [InlineData("reservation-expired", Act.Commit, 1, 5, 12, null, null, false)]
    [InlineData("reservation-expired", Act.Commit, 1, 0, 12, null, null, false)]
    [InlineData("reservation-not-found", Act.Commit, 1, 1, 1, null, null, true)]
    [InlineData("reservation-not-found", Act.Commit, 1, 1, 2, null, null, false)]
    [InlineData("reservation-not-found", Act.Commit, 1, 0, 12, null, null, true)]
    [InlineData("commit-exceeds-reservation", Act.Commit, 5, 1, 2, null, null, true)]
    [InlineData("commit-exceeds-reservation", Act.Commit, 4, 1, 2, null, null, false)]
    [InlineData("commit-exceeds-reservation", Act.Commit, 1, 0, 2, null, null, true)]
    [InlineData("something-that-says-nothing-of-the-state", Act.Adjust, -1, 0, 1, null, null, true)]
    internal void A_refusal_has_to_be_true_of_the_version_that_it_names(string problem, Act act, int amount, int reservation, int version, int? available, int? requested, bool isTrue)
    {
        var tale = new Tale().Reserve(4, out var first).Adjust(-3).Do(new Request(Act.Commit, Tale.Product) { Reservation = first, Amount = 3 })
            .Reserve(2, out var second).Do(new Request(Act.Release, Tale.Product) { Reservation = second })
            .Reserve(1, out var third, Over).Happens(LoggedEvent.Expired, third, 1)
            .Do(new Request(Act.Discontinue, Tale.Product)).Do(new Request(Act.Reinstate, Tale.Product))
            .Reserve(1, out var fourth, Over).Reserve(1, out var fifth, Over.AddTicks(1));
        var asked = new Request(act, Tale.Product) { Amount = amount, Reservation = new[] { Tale.Id(77), first, second, third, fourth, fifth }[reservation] };
        tale.Told(asked, new Reply(End.Refused, 422) { Problem = problem, Grounds = [new Ground(Tale.Product, version, available, requested)] }).AtAnyTime();

        var state = tale.Log.Take(version).Aggregate(default(ProductState), (before, e) => before.After(e));
        Assert.Equal(isTrue ? [] : [$"invariant 8: product {P}: 1-12 was refused as {problem} ({available} available); there was {state} [1-12]"], tale.Wrong());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void What_is_shown_or_refused_has_to_be_of_a_version_that_was_there(int version, bool was)
    {
        string[] expected = was ? [] : [$"invariant 8: product {P}: 1-3 was answered version {version}, and the last one is 2 [1-3]"];
        var read = new Tale().Adjust(0).Read(shown => shown with { Version = version }).AtAnyTime();
        var refused = new Tale().Adjust(0).Told(new Request(Act.Adjust, Tale.Product), new Reply(End.Refused, 422) { Problem = "x", Grounds = [new Ground(Tale.Product, version)] }).AtAnyTime();

        // A client that has seen version 2 must not be shown another one; here it is nobody who has.
        Assert.Equal(expected, read.Last(operation => operation with { Client = 2 }).Wrong());
        Assert.Equal(expected, refused.Wrong());
    }

    public static TheoryData<string, string> DataOfEvents => new()
    {
        { "Create", "amount" }, { "Create", "text" }, { "Create", "type" }, { "Rename", "text" }, { "Rename", "type" }, { "Adjust", "amount" }, { "Adjust", "type" }, { "Count", "amount" }, { "Count", "type" },
        { "Reserve", "amount" }, { "Reserve", "type" }, { "Reserve", "reservation" }, { "Commit", "amount" }, { "Commit", "type" }, { "Commit", "reservation" }, { "Release", "type" }, { "Release", "reservation" },
        { "Discontinue", "type" }, { "Reinstate", "type" }, { "Order", "amount" }, { "Order", "type" }, { "Import", "amount" },
    };

    [Theory]
    [MemberData(nameof(DataOfEvents))]
    public void An_event_carries_what_was_asked_for(string act, string member)
    {
        var tale = new Tale().Reserve(2, out var held);
        var request = new Request(Enum.Parse<Act>(act), act == "Create" ? Tale.Other : Tale.Product)
        {
            Amount = 1,
            Text = "B",
            Reservation = act is "Commit" or "Release" ? held : null,
            Lines = act is "Order" or "Import" ? [new OrderedUnits(Tale.Product, -1)] : null,
        };
        tale.Do(
            request,
            e => member switch
            {
                "amount" => e with { Amount = e.Amount + 1 },
                "text" => e with { Text = "C" },
                "type" => e with { Type = "other" },
                _ => e with { Reservation = Tale.Id(99) },
            },
            act == "Reserve" ? reply => reply with { Reservation = Tale.Id(98) } : null);
        var wrong = tale.Log[^1];

        Assert.Contains(
            $"invariant 4: product {wrong.Product}: version {wrong.Version} is {wrong.Type} with {wrong.Amount}, “{wrong.Text}”, which is not what 1-3 asked for [1-3]", tale.Wrong());
    }

    [Fact]
    public void A_reservation_that_nobody_was_told_of_may_have_any_id()
    {
        var tale = new Tale().Reserve(1, out _).LastAttempt(attempt => attempt with { Reply = new Reply(End.Unknown, 0) });

        Assert.Empty(tale.Wrong());
    }

    [Fact]
    public void What_somebody_read_is_nothing_that_he_asked_to_be_done()
    {
        var tale = new Tale().Read();
        tale.Do(new Request(Act.Adjust, Tale.Product), e => e with { Actor = "1-2" });

        Assert.Contains($"invariant 4: product {P}: version 2 is stock_adjusted by 1-2, and no client asked for it [1-2]", tale.Wrong());
    }

    [Fact]
    public void What_was_asked_for_another_product_is_not_asked_for_this_one()
    {
        var tale = new Tale().Create(Tale.Other, 3);
        tale.Do(new Request(Act.Adjust, Tale.Product) { Amount = 1 }, e => e with { Product = Tale.Other }, reply => reply with { Shown = [tale.State(Tale.Product).ShownOf(Tale.Product)] });

        Assert.Equal(
            [
                $"invariant 1: product {P}: 1-3 was acknowledged, and no event of it is there [1-3]",
                $"invariant 4: product {Q}: version 2 is stock_adjusted by 1-3, and no client asked for it [1-3]",
            ],
            tale.Wrong());
    }

    private static readonly (char Letter, string Type)[] Types =
    [
        ('R', LoggedEvent.Renamed), ('D', LoggedEvent.Discontinued), ('I', LoggedEvent.Reinstated), ('A', LoggedEvent.Adjusted), ('C', LoggedEvent.Counted),
        ('P', LoggedEvent.ReorderPointSet), ('V', LoggedEvent.Reserved), ('M', LoggedEvent.Committed), ('L', LoggedEvent.Released), ('X', LoggedEvent.Expired),
    ];

    // Which events a command clashes with when it had not seen them: R renamed, D discontinued, I reinstated, A adjusted, C counted, P reorder point set, V reserved, M committed, L released, X expired.
    [Theory]
    [InlineData(Act.Rename, "RD")]
    [InlineData(Act.Adjust, "D")]
    [InlineData(Act.Reserve, "D")]
    [InlineData(Act.Discontinue, "RDIACVMLX")]
    [InlineData(Act.Reinstate, "RDIACVMLX")]
    [InlineData(Act.Count, "ACM")]
    [InlineData(Act.Commit, "")]
    [InlineData(Act.Release, "")]
    [InlineData(Act.ReorderPoint, "P")]
    internal void A_command_clashes_with_what_it_says_it_clashes_with_and_that_only(Act act, string clashes)
    {
        foreach (var (letter, type) in Types)
        {
            // Versions: 1 created, 2 reserved, 3 the event in question, 4 the command.
            var clash = clashes.Contains(letter, StringComparison.Ordinal);
            Assert.Equal(clash, IsOverlooked(seen: 2, until: 3));
            Assert.False(IsOverlooked(seen: 3, until: 3), $"{act} had seen {type}.");
            Assert.Equal(!clash, IsRefusedForNothing(seen: 2, shown: 3));
            Assert.True(IsRefusedForNothing(seen: 3, shown: 3), $"{act} had seen {type}.");

            Tale Story(out Guid held) => new Tale().Reserve(2, out held).Happens(type, type == LoggedEvent.Reserved ? Tale.Id(50) : held, 1);

            bool IsOverlooked(int seen, int until) =>
                Story(out var held).Do(new Request(act, Tale.Product) { Reservation = held, Seen = seen }).Wrong()
                    .Contains($"invariant 8: product {P}: 1-3 had seen version {seen} and was done on {until}, although version 3 ({type}) clashes [1-3]");

            bool IsRefusedForNothing(int seen, int shown)
            {
                var story = Story(out var held);
                return story.Told(new Request(act, Tale.Product) { Reservation = held, Seen = seen }, new Reply(End.Refused, 409) { Problem = "version-conflict", Shown = [story.State().ShownOf(Tale.Product)] })
                    .Wrong().Contains($"invariant 8: product {P}: 1-3 was refused at version {shown} as a conflict, and nothing stands against it [1-3]");
            }
        }
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public void A_condition_has_to_hold_when_its_command_is_done(int asked, bool wrong)
    {
        var tale = new Tale().Adjust(1).Do(new Request(Act.Count, Tale.Product) { Amount = 5, IfMatch = asked });

        Assert.Equal(wrong ? [$"invariant 8: product {P}: 1-3 asked for version {asked} and was done on version 2 [1-3]"] : [], tale.Wrong());
    }

    [Theory]
    [InlineData(Act.Adjust, true, true)]
    [InlineData(Act.Adjust, false, false)]
    [InlineData(Act.Reinstate, true, false)]
    [InlineData(Act.Reinstate, false, true)]
    [InlineData(Act.Commit, true, false)]
    [InlineData(Act.Release, true, false)]
    internal void Out_of_the_range_only_reservations_are_closed_and_the_product_brought_back(Act act, bool discontinued, bool wrong)
    {
        var tale = new Tale().Reserve(2, out var held);
        tale = discontinued ? tale.Do(new Request(Act.Discontinue, Tale.Product)) : tale.Adjust(0);
        var before = tale.State();
        tale.Do(new Request(act, Tale.Product) { Reservation = act is Act.Commit or Act.Release ? held : null, Amount = act == Act.Commit ? 1 : 0 });

        Assert.Equal(wrong ? [$"invariant 8: product {P}: 1-4 ({act}) was done on {before} [1-4]"] : [], tale.Wrong());
    }

    [Theory]
    [InlineData(1, "ProductCreated", true)]
    [InlineData(2, "StockAdjusted", true)]
    [InlineData(3, "ProductRenamed", true)]
    [InlineData(2, "ProductRenamed", false)]
    [InlineData(4, "StockAdjusted", false)]
    [InlineData(0, "ProductCreated", false)]
    public void A_conflict_tells_what_happened_until_the_version_that_it_shows(int version, string type, bool happened)
    {
        var tale = new Tale().Adjust(1).Do(new Request(Act.Rename, Tale.Product) { Text = "B" });
        var shown = tale.State().ShownOf(Tale.Product);
        tale.Adjust(1).Told(new Request(Act.Rename, Tale.Product) { Seen = 1 }, new Reply(End.Refused, 409)
        {
            Problem = "version-conflict",
            Shown = [shown],
            Changes = [new ToldChange(version, type, true)],
        }).AtAnyTime().Last(operation => operation with { Client = 2 });

        Assert.Equal(happened ? [] : [$"invariant 8: product {P}: 1-5 was told of {type} at version {version}, which is not what happened [1-5]"], tale.Wrong());
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void A_condition_that_failed_was_not_that_of_the_version_it_failed_on(int asked, bool right)
    {
        var tale = new Tale().Adjust(1).Adjust(1);
        tale.Told(new Request(Act.Count, Tale.Product) { IfMatch = asked }, new Reply(End.Refused, 412) { Problem = "version-conflict", Shown = [tale.State().ShownOf(Tale.Product)] });

        Assert.Equal(right ? [] : [$"invariant 8: product {P}: 1-4 was refused at version 3 as a conflict, and nothing stands against it [1-4]"], tale.Wrong());
    }

    // The product was discontinued, which was answered at 1030. Who asks before that was answered may clash with it.
    [Theory]
    [InlineData(1_029, true)]
    [InlineData(1_030, true)]
    [InlineData(1_031, false)]
    public void Who_names_no_version_is_held_to_the_newest_that_anybody_had_been_told_of(long began, bool right)
    {
        var tale = new Tale().Do(new Request(Act.Discontinue, Tale.Product));
        tale.Told(new Request(Act.Adjust, Tale.Product), new Reply(End.Refused, 409) { Problem = "version-conflict", Shown = [tale.State().ShownOf(Tale.Product)] })
            .LastAttempt(attempt => attempt with { Began = began }).Last(operation => operation with { Client = 2 });

        Assert.Equal(right ? [] : [$"invariant 8: product {P}: 1-3 was refused at version 2 as a conflict, and nothing stands against it [1-3]"], tale.Wrong());
    }

    [Fact]
    public void A_product_that_is_there_is_not_said_not_to_be()
    {
        var tale = new Tale().Told(new Request(Act.Read, Tale.Product), new Reply(End.Refused, 404) { Problem = "product-not-found" });

        Assert.Equal([$"invariant 8: product {P}: 1-2 was told that there is none [1-2]"], tale.Wrong());
    }

    [Fact]
    public void The_lines_of_a_file_are_done_each_for_itself()
    {
        var file = new Request(Act.Import, Tale.Product) { Lines = [new OrderedUnits(Tale.Product, -1), new OrderedUnits(Tale.Other, -9)] };
        var first = file with { Lines = [file.Lines![0]] };
        var done = new Tale().Create(Tale.Other, 5).Do(first, reply: reply => reply with { Shown = [], RefusedLines = [Tale.Other] }).Last(operation => operation with { Request = file });
        var lost = new Tale().Create(Tale.Other, 5).Do(first, reply: reply => reply with { Shown = [] }).Last(operation => operation with { Request = file });
        var all = new Tale().Create(Tale.Other, 9).Do(file, reply: reply => reply with { Shown = [], RefusedLines = [Tale.Other] });

        Assert.Empty(done.Wrong());
        Assert.Equal([$"invariant 1: product {Q}: 1-3 was acknowledged, and no event of it is there [1-3]"], lost.Wrong());
        Assert.Equal([$"invariant 5: product {Q}: a line of 1-3 was refused, and its event is there at version 2 [1-3]"], all.Wrong());
    }

    [Fact]
    public void An_answer_without_the_product_is_none()
    {
        var tale = new Tale();
        tale.Do(new Request(Act.Adjust, Tale.Product), reply: reply => reply with { Shown = [] });

        Assert.Equal([$"invariant 7: product {P}: 1-2 was acknowledged without showing the product [1-2]"], tale.Wrong());
    }

    [Fact]
    public void An_answer_shows_what_its_event_left()
    {
        var tale = new Tale();
        tale.Do(new Request(Act.Adjust, Tale.Product), reply: reply => reply with { Shown = [reply.Shown[0] with { OnHand = 11 }] });

        Assert.Equal([$"invariant 7: product {P}: 1-2 was answered “A” with 11 on hand and 0 reserved at version 2; its event left “A” with 10 on hand and 0 reserved at version 2 [1-2]"], tale.Wrong());
    }

    [Fact]
    public void A_read_shows_what_was_there()
    {
        Assert.Equal(
            [$"invariant 8: product {P}: 1-2 was shown “A” with 10 on hand and 1 reserved at version 1; there was “A” with 10 on hand and 0 reserved at version 1 [1-2]"],
            new Tale().Read(shown => shown with { Reserved = 1 }).Wrong());
    }

    [Fact]
    public void What_was_refused_or_nobody_was_told_of_is_judged_by_its_events()
    {
        var refused = new Tale();
        refused.Do(new Request(Act.Adjust, Tale.Product), reply: _ => new Reply(End.Refused, 422) { Problem = "insufficient-stock" });
        var busy = new Tale().Adjust(1).LastAttempt(attempt => attempt with { Reply = new Reply(End.Refused, 503) { Problem = "overloaded" } });
        var twice = new Tale().Adjust(1).Last(operation => operation with
        {
            Attempts = [new Attempt(0, 1_000, 1_001, new Reply(End.Refused, 503) { Problem = "overloaded" }), new Attempt(0, 1_002, 1_003, new Reply(End.Refused, 503) { Problem = "unavailable" })],
        });
        var delivered = new Tale().Adjust(1).LastAttempt(attempt => attempt with { Reply = new Reply(End.Refused, 503) { Problem = "overloaded" } }).Last(operation => operation with { SentTwice = true });
        var unknown = new Tale().Adjust(1).LastAttempt(attempt => attempt with { Reply = new Reply(End.Unknown, 0) });
        var unheard = new Tale().Told(new Request(Act.Adjust, Tale.Product), new Reply(End.Unknown, 0));
        var both = new Tale().Adjust(1).Last(operation => operation with
        {
            Attempts = [new Attempt(0, 1_000, 1_001, new Reply(End.Refused, 503) { Problem = "overloaded" }), new Attempt(0, 1_002, 1_003, new Reply(End.Unknown, 0))],
        }).WrittenBy(1);

        Assert.Equal([$"invariant 5: product {P}: 1-2 was refused (insufficient-stock), and its event is there at version 2 [1-2]"], refused.Wrong());
        Assert.Equal([$"invariant 5: product {P}: 1-2 was refused (overloaded), and its event is there at version 2 [1-2]"], busy.Wrong());
        Assert.Equal([$"invariant 5: product {P}: 1-2 was refused (overloaded, unavailable), and its event is there at version 2 [1-2]"], twice.Wrong());
        Assert.Empty(delivered.Wrong());
        Assert.Empty(unknown.Wrong());
        Assert.Empty(unheard.Wrong());
        Assert.Empty(both.Wrong());
    }

    public static TheoryData<string, int> SecondKind => new()
    {
        { "unavailable", 503 }, { "overloaded", 503 }, { "conflict-retries-exhausted", 503 }, { "request-in-flight", 409 },
        { "version-conflict", 412 }, { "version-conflict", 409 }, { "precondition-required", 428 }, { "malformed-request", 400 },
    };

    [Theory]
    [MemberData(nameof(SecondKind))]
    public void A_request_that_wrote_was_not_told_that_nothing_was_written(string problem, int status)
    {
        var refused = new Reply(End.Refused, status) { Problem = problem };
        string[] wrong = [$"invariant 5: product {P}: attempt 0 of 1-2 was refused ({problem}), and it wrote version 2 [1-2]"];

        Assert.Equal(wrong, AskedTwice().Wrong().Where(words => words.StartsWith("invariant 5", StringComparison.Ordinal)));
        Assert.DoesNotContain(wrong[0], AskedTwice().WrittenBy(1).Wrong());
        Assert.DoesNotContain(wrong[0], AskedTwice().Last(operation => operation with { SentTwice = true }).Wrong());

        Tale AskedTwice() => new Tale().Adjust(1).Last(operation => operation with
        {
            Attempts = [new Attempt(0, 1_000, 1_001, refused), new Attempt(1, 1_001, 1_010, operation.Attempts[0].Reply! with { Replayed = true })],
        });
    }

    [Theory]
    [InlineData(Act.Order)]
    [InlineData(Act.Create)]
    [InlineData(Act.Reserve)]
    [InlineData(Act.Import)]
    internal void However_a_command_goes_its_request_is_held_to_what_it_was_told(Act act)
    {
        var tale = new Tale();
        var request = new Request(act, act == Act.Create ? Tale.Other : Tale.Product)
        {
            Amount = 1,
            Text = "B",
            Lines = act is Act.Order or Act.Import ? [new OrderedUnits(Tale.Product, 1)] : null,
        };
        tale.Do(request, e => act == Act.Reserve ? e with { Reservation = Tale.Id(9) } : e).Last(operation => operation with
        {
            Attempts = [new Attempt(0, 1_000, 1_001, new Reply(End.Refused, 503) { Problem = "unavailable" }), operation.Attempts[0]],
        });

        Assert.Contains(tale.Wrong(), words => words.StartsWith("invariant 5", StringComparison.Ordinal));
        Assert.Empty(tale.WrittenBy(1).Wrong());
    }

    // The command's own event is version 3.
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void Nobody_is_refused_for_what_his_own_command_did(int judged, bool wrong)
    {
        var tale = new Tale().Adjust(1).Do(new Request(Act.Rename, Tale.Product) { Text = "B", Seen = 2 });
        var own = tale.Operations[^1];
        tale.Adjust(1);
        var state = tale.Log.Take(judged).Aggregate(default(ProductState), (before, e) => before.After(e));
        var conflict = new Reply(End.Refused, 409) { Problem = "version-conflict", Shown = [state.ShownOf(Tale.Product)] };
        var history = tale.Whole();
        var asked = own with { Attempts = [own.Attempts[0], own.Attempts[0] with { Node = 1, Ended = 5_000, Reply = conflict }] };
        var found = Tale.Of(history with { Operations = [.. history.Operations.Select(one => one.Id == own.Id ? asked : one)] });

        Assert.Equal(
            wrong, found.Contains($"invariant 5: product {P}: attempt 1 of 1-3 was refused (version-conflict) at version {judged}, which has its own event, version 3, in it [1-3]"));
    }

    [Theory]
    [InlineData(1_005, 1_009, true, false)] // Both are under way.
    [InlineData(1_010, 1_011, true, true)] // The other one had been answered.
    [InlineData(1_010, 1_011, false, false)] // The other one got no answer, and may go on.
    public void A_request_is_under_way_when_it_is_said_to_be(long began, long ended, bool answered, bool wrong)
    {
        var told = new Attempt(1, began, ended, new Reply(End.Refused, 409) { Problem = "request-in-flight" });
        var tale = new Tale().Adjust(1).Last(operation => operation with
        {
            Attempts = [new Attempt(0, 1_000, 1_010, answered ? operation.Attempts[0].Reply : new Reply(End.Unknown, 0)), told],
        });
        var alone = new Tale().Told(new Request(Act.Adjust, Tale.Product), told.Reply!);

        Assert.Equal(wrong ? ["invariant 6: 1-2: asked again, it was told request-in-flight, which is not so [1-2]"] : [], tale.Wrong());
        Assert.Equal(["invariant 6: 1-2: asked again, it was told request-in-flight, which is not so [1-2]"], alone.Wrong());
        Assert.Empty(alone.Last(operation => operation with { SentTwice = true }).Wrong());
    }

    [Fact]
    public void A_reorder_point_is_what_it_was_set_to()
    {
        var point = new Request(Act.ReorderPoint, Tale.Product) { Amount = 4 };
        var tale = new Tale().Do(point).Do(new Request(Act.Discontinue, Tale.Product)).Do(point with { Amount = 5 });
        var other = new Tale();
        other.Do(point, e => e with { Amount = 5 });

        Assert.Empty(tale.Wrong());
        Assert.Equal("“A” with 10 on hand and 0 reserved, low below 5, discontinued, at version 4", tale.State().ToString());
        Assert.Contains($"invariant 4: product {P}: version 2 is reorder_point_set with 5, “”, which is not what 1-2 asked for [1-2]", other.Wrong());
    }

    [Fact]
    public void Nothing_takes_effect_twice()
    {
        var tale = new Tale().Adjust(1).Do(new Request(Act.Adjust, Tale.Product) { Amount = 1 }, e => e with { Actor = "1-2" }).LastAttempt(attempt => attempt with { Reply = new Reply(End.Unknown, 0) });

        Assert.Equal([$"invariant 13: product {P}: 1-2 took effect twice, at versions 2 and 3 [1-2]"], tale.Wrong());
    }

    [Fact]
    public void A_command_stands_at_one_version()
    {
        var tale = new Tale().Adjust(1).Adjust(1);
        var log = tale.Log.Select(e => e with { Command = e.Version > 1 ? Tale.Id(7) : e.Command }).ToList();

        Assert.Equal([$"invariant 4: product {P}: the command of version 3 (stock_adjusted) stands at another version too [1-3]"], Tale.Of(tale.Whole() with { Log = log }));
    }

    [Fact]
    public void A_product_that_only_the_events_or_only_the_answers_know_is_looked_at_too()
    {
        var tale = new Tale().Create(Tale.Other, 3);
        var history = tale.Whole();

        Assert.Contains($"invariant 4: product {Q}: version 1 is product_created by 1-2, and no client asked for it [1-2]", Tale.Of(history with { Operations = [history.Operations[0], history.Operations[2]] }));
        Assert.Contains($"invariant 1: product {Q}: 1-2 was acknowledged, and no event of it is there [1-2]", Tale.Of(history with { Log = [history.Log[0]] }));
    }

    [Fact]
    public void Nobody_asked_the_service_for_anything_but_the_end_of_a_reservation()
    {
        Assert.Equal([$"invariant 4: product {P}: version 2 is stock_adjusted, and nobody asked for it"], new Tale().Happens(LoggedEvent.Adjusted).Wrong());
    }

    [Fact]
    public void Versions_have_no_gap()
    {
        var tale = new Tale().Adjust(1).Adjust(1);

        Assert.Equal([$"invariant 2: product {P}: version 2 was expected in its stream, and there is 3"], Tale.Of(tale.Whole() with { Log = [tale.Log[0], tale.Log[2]] }));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    public void The_stores_numbers_grow_with_the_versions(long number, bool wrong)
    {
        var tale = new Tale().Adjust(1);

        Assert.Equal(
            wrong ? [$"invariant 2: product {P}: version 2 has number 1 in the store, and the version before it 1"] : [],
            Tale.Of(tale.Whole() with { Log = [tale.Log[0], tale.Log[1] with { Sequence = number }] }));
    }

    [Theory]
    [InlineData(0, 0, 0, false)]
    [InlineData(-11, 0, -1, true)]
    [InlineData(0, 11, 0, true)]
    [InlineData(-9, -2, 0, true)]
    [InlineData(-12, -3, -2, true)]
    public void Nothing_is_below_zero(int sold, int reserved, int onHand, bool wrong)
    {
        var tale = new Tale();
        tale.Do(new Request(Act.Adjust, Tale.Product) { Amount = sold });
        tale.Do(new Request(Act.Reserve, Tale.Product) { Amount = reserved }, e => e with { Reservation = Tale.Id(40) }, reply => reply with { Reservation = Tale.Id(40) });
        var below = tale.Wrong().Where(words => words.StartsWith("invariant 3", StringComparison.Ordinal)).ToList();

        Assert.Equal(wrong, below.Count > 0);
        Assert.True(onHand >= 0 || below.Contains($"invariant 3: product {P}: “A” with {onHand} on hand and 0 reserved at version 2 [1-2]"));
    }

    [Fact]
    public void A_reservation_is_opened_once_and_closed_once_as_a_whole()
    {
        var twice = new Tale().Reserve(2, out var first);
        twice.Do(new Request(Act.Reserve, Tale.Product) { Amount = 2 }, e => e with { Reservation = first }, reply => reply with { Reservation = first });
        var never = new Tale().Happens(LoggedEvent.Expired, Tale.Id(66));
        var again = new Tale().Reserve(2, out var second).Do(new Request(Act.Commit, Tale.Product) { Reservation = second, Amount = 1 }).Happens(LoggedEvent.Expired, second, 2);
        var part = new Tale().Reserve(2, out var third).Happens(LoggedEvent.Expired, third, 1);
        var fourth = new Tale().Reserve(2, out var half);
        fourth.Do(new Request(Act.Commit, Tale.Product) { Reservation = half, Amount = 1 }, e => e with { Returned = 2 });

        Assert.Contains($"invariant 14: product {P}: reservation {first} was made twice [1-3]", twice.Wrong());
        Assert.Contains($"invariant 14: product {P}: reservation {Tale.Id(66)} was never made, and version 2 is reservation_expired of it [system]", never.Wrong());
        Assert.Contains($"invariant 14: product {P}: reservation {second} was closed at version 3 (reservation_committed), and again at version 4 (reservation_expired) [system]", again.Wrong());
        Assert.Contains($"invariant 14: product {P}: reservation {third} held 2 units, and version 3 (reservation_expired) closes 1 [system]", part.Wrong());
        Assert.Contains($"invariant 14: product {P}: reservation {half} held 2 units, and version 3 (reservation_committed) closes 3 [1-3]", fourth.Wrong());
    }

    // The write is at [1020, 1030] and is version 2. What follows is of version 1, and ends when it is said to.
    [Theory]
    [InlineData(1_040, 1_050, true)]
    [InlineData(1_000, 1_020, false)]
    [InlineData(1_000, 1_019, false)]
    public void What_had_ended_does_not_come_after_what_began_later(long began, long ended, bool wrong)
    {
        // Reading what was before is wrong only when it began after the write had been answered: then the write ended before something that is ordered before it began.
        var later = new Tale().Adjust(1).Read(shown => shown with { Version = 1, OnHand = 10, Available = 10 }).LastAttempt(attempt => attempt with { Began = began, Ended = ended })
            .Last(operation => operation with { Client = 2 });

        Assert.Equal(wrong ? [$"invariant 9: product {P}: 1-2 had ended at 1030 µs, before 1-3 began at {began} µs, but it belongs to version 2 and the later one to version 1 [1-2, 1-3]"] : [], later.Wrong());
    }

    [Theory]
    [InlineData(1_019, true)]
    [InlineData(1_020, false)]
    public void What_was_read_was_not_there_before_it_was_asked_for(long ended, bool wrong)
    {
        var early = new Tale().Adjust(1).Read().LastAttempt(attempt => attempt with { Began = 1_000, Ended = ended }).Last(operation => operation with { Client = 2 });

        Assert.Equal(wrong ? [$"invariant 9: product {P}: 1-3 had ended at 1019 µs, before 1-2 began at 1020 µs, but it belongs to version 2 and the later one to version 2 [1-3, 1-2]"] : [], early.Wrong());
    }

    [Fact]
    public void What_nobody_was_told_of_did_not_happen_before_it_was_asked_for()
    {
        var early = new Tale().Adjust(1).LastAttempt(attempt => attempt with { Reply = new Reply(End.Unknown, 0) })
            .Read().LastAttempt(attempt => attempt with { Began = 1_000, Ended = 1_019 }).Last(operation => operation with { Client = 2 });

        Assert.Equal([$"invariant 9: product {P}: 1-3 had ended at 1019 µs, before 1-2 began at 1020 µs, but it belongs to version 2 and the later one to version 2 [1-3, 1-2]"], early.Wrong());
    }

    [Fact]
    public void A_refusal_is_of_a_version_that_was_there_when_it_was_asked_for()
    {
        var refusal = new Reply(End.Refused, 422) { Problem = "insufficient-stock", Grounds = [new Ground(Tale.Product, 1, 10, 20)] };
        var late = new Tale().Adjust(30).Told(new Request(Act.Adjust, Tale.Product) { Amount = -20 }, refusal);

        Assert.Equal([$"invariant 9: product {P}: 1-2 had ended at 1030 µs, before 1-3 began at 1040 µs, but it belongs to version 2 and the later one to version 1 [1-2, 1-3]"], late.Wrong());
    }

    [Fact]
    public void What_comes_between_hides_nothing()
    {
        // Version 2 was not asked for before 5000. Version 3 was under way all the time, and version 4 had ended at 3000.
        var tale = new Tale().Adjust(1).LastAttempt(attempt => attempt with { Began = 5_000, Ended = 5_010 }).Adjust(1).LastAttempt(attempt => attempt with { Began = 1_030, Ended = 6_000 })
            .Adjust(1).LastAttempt(attempt => attempt with { Began = 2_000, Ended = 3_000 }).Last(operation => operation with { Client = 2 });

        Assert.Contains($"invariant 9: product {P}: 1-4 had ended at 3000 µs, before 1-2 began at 5000 µs, but it belongs to version 4 and the later one to version 2 [1-4, 1-2]", tale.Wrong());
    }

    [Fact]
    public void A_node_whose_clock_is_ahead_finds_reservations_over_earlier()
    {
        var tale = new Tale().Reserve(1, out var held, Over.AddMinutes(1));
        tale.Told(new Request(Act.Commit, Tale.Product) { Amount = 1, Reservation = held }, new Reply(End.Refused, 409) { Problem = "reservation-expired", Grounds = [new Ground(Tale.Product, 2)] });
        var history = tale.Whole();

        Assert.Single(Tale.Of(history));
        Assert.Empty(Tale.Of(history with { Run = history.Run with { Ahead = TimeSpan.FromMinutes(1) } }));
    }

    [Fact]
    public void What_a_conflict_shows_its_client_has_seen()
    {
        var conflict = new Reply(End.Refused, 412) { Problem = "version-conflict" };
        var request = new Request(Act.Count, Tale.Product) { IfMatch = 9 };
        var after = new Tale();
        var old = after.State().ShownOf(Tale.Product);
        after.Adjust(1).LastAttempt(attempt => attempt with { Ended = 3_000 });
        after.Told(request, conflict with { Shown = [after.State().ShownOf(Tale.Product)] });
        after.Told(new Request(Act.Read, Tale.Product), new Reply(End.Ok, 200) { Shown = [old] }).LastAttempt(attempt => attempt with { Ended = 3_000 });

        Assert.Equal([$"invariant 10: client 1 was shown product {P} at version 2 by 1-3, and then at version 1 by 1-4 [1-3, 1-4]"], after.Wrong().Where(words => words.StartsWith("invariant 10", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(1_030, true)]
    [InlineData(1_031, false)]
    public void A_read_that_was_begun_when_the_write_was_answered_may_show_what_was_before(long began, bool right)
    {
        var read = new Tale().Adjust(1).Read(shown => shown with { Version = 1, OnHand = 10, Available = 10 }).LastAttempt(attempt => attempt with { Began = began, Ended = 2_000 })
            .Last(operation => operation with { Client = 2 });

        Assert.Equal(right, read.Wrong().Count == 0);
    }

    [Fact]
    public void What_is_answered_again_may_have_been_decided_the_first_time()
    {
        // Version 1 had 10; the refusal of 20 was decided in the first attempt, and is repeated after a delivery.
        var reply = new Reply(End.Refused, 422) { Problem = "insufficient-stock", Grounds = [new Ground(Tale.Product, 1, 10, 20)] };
        var tale = new Tale().Told(new Request(Act.Adjust, Tale.Product) { Amount = -20 }, reply).Adjust(30);
        tale.Told(new Request(Act.Read, Tale.Product), new Reply(End.Ok, 200) { Shown = [tale.State().ShownOf(Tale.Product)] });
        var operations = tale.Whole().Operations.ToList();
        operations[1] = operations[1] with { Attempts = [.. operations[1].Attempts, new Attempt(1, 5_000, 5_010, reply with { Replayed = true })] };

        Assert.Empty(Tale.Of(tale.Whole() with { Operations = operations }));
    }

    [Theory]
    [InlineData(1_060, 1, true)]
    [InlineData(1_050, 1, false)]
    [InlineData(1_060, 2, false)]
    public void A_client_is_not_shown_an_older_version_after_a_newer_one(long began, int client, bool wrong)
    {
        // Read at [1040, 1050]: version 2. Then version 1 again, in a window that is long enough for either.
        var tale = new Tale().Adjust(1).LastAttempt(attempt => attempt with { Ended = 3_000 }).Read()
            .Read(shown => shown with { Version = 1, OnHand = 10, Available = 10 }).LastAttempt(attempt => attempt with { Began = began, Ended = 3_000 }).Last(operation => operation with { Client = client });
        var session = tale.Wrong().Where(words => words.StartsWith("invariant 10", StringComparison.Ordinal));

        Assert.Equal(wrong ? [$"invariant 10: client 1 was shown product {P} at version 2 by 1-3, and then at version 1 by 1-4 [1-3, 1-4]"] : [], session);
    }

    [Fact]
    public void The_same_key_and_request_get_the_same_answer()
    {
        Assert.Empty(Twice(reply => reply with { Replayed = true }));
        Assert.Empty(Twice(_ => new Reply(End.Refused, 503) { Problem = "overloaded" }));
        Assert.Empty(Twice(_ => new Reply(End.Unknown, 0)));
        Assert.Empty(Twice(_ => new Reply(End.Refused, 422) { Problem = "idempotency-key-reused" }, otherBody: true));
        Assert.Equal(
            ["invariant 6: 1-2: asked again, it was told idempotency-key-reused, which is not so [1-2]"],
            Twice(_ => new Reply(End.Refused, 422) { Problem = "idempotency-key-reused" }));
        Assert.Equal(["invariant 6: 1-2 was sent 2 times under one key and got 2 different answers, with status 200 and 202 [1-2]"], Twice(reply => reply with { Status = 202 }));
        Assert.Equal(["invariant 6: 1-2 was sent 2 times under one key and got 2 different answers, with status 200 and 200 [1-2]"], Twice(reply => reply with { Body = "other" }));
        Assert.Equal(["invariant 6: 1-2: its key was used for another request, which was answered 200 [1-2]"], Twice(reply => reply, otherBody: true));

        static IReadOnlyList<string> Twice(Func<Reply, Reply> second, bool otherBody = false) => new Tale().Adjust(1)
            .Last(operation => operation with { Attempts = [.. operation.Attempts, new Attempt(1, 1_040, 1_050, second(operation.Attempts[0].Reply!), otherBody)] }).Wrong();
    }
}
