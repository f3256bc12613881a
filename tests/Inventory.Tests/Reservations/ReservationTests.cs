using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Reservations;
using Inventory.Tests.Products;

namespace Inventory.Tests.Reservations;

public sealed class ReservationTests
{
    private static readonly Guid Id = new("019c2a5e-7f00-7000-8000-0000000000aa");
    private static readonly DateTimeOffset Due = Example.Now.AddSeconds(60);
    private static readonly StockReserved Made = new(Id, 4, Due, "SO-1");
    private static readonly Product Open = Example.Product(10, Made);

    [Fact]
    public void Units_that_are_available_can_be_promised() =>
        Assert.Equal([new StockReserved(Id, 6, Due, "SO-2")], Accepted(ReserveStock.Decide(new ReserveStock(Example.Id, Id, 6, 60, "SO-2"), Open, Example.Now)));

    [Fact]
    public void Nothing_is_promised_twice() =>
        Assert.Equal(Decision.Refuse(new InsufficientStock(7, 6)), ReserveStock.Decide(new ReserveStock(Example.Id, Id, 7, 60, null), Open, Example.Now));

    [Fact]
    public void Nothing_is_promised_of_a_discontinued_product() =>
        Assert.Equal(
            Decision.Refuse(new DiscontinuedProduct()),
            ReserveStock.Decide(new ReserveStock(Example.Id, Id, 1, 60, null), Example.Product(10, new ProductDiscontinued(null)), Example.Now));

    [Theory]
    [InlineData(null, 4, 0)]
    [InlineData(4, 4, 0)]
    [InlineData(1, 1, 3)]
    public void A_promise_is_kept_up_to_what_was_promised(int? quantity, int leave, int returned) =>
        Assert.Equal([new ReservationCommitted(Id, leave, returned)], Accepted(Commit(Open, Example.Now, quantity)));

    [Fact]
    public void More_than_was_promised_is_refused() => Assert.Equal(Decision.Refuse(new CommitExceedsReservation(5, 4)), Commit(Open, Example.Now, 5));

    [Fact]
    public void A_promise_can_be_given_back() => Assert.Equal([new ReservationReleased(Id, 4)], Accepted(Release(Open, Example.Now)));

    [Fact]
    public void A_promise_ends_with_its_time_and_not_before()
    {
        Assert.IsType<Decision.Accepted>(Commit(Open, Due.AddTicks(-1)));
        Assert.Equal(Decision.Refuse(new ReservationHasExpired(Id, "system", Due)), Commit(Open, Due));
        Assert.Equal(Decision.Refuse(new ReservationHasExpired(Id, "system", Due)), Release(Open, Due));
        Assert.Equal(Decision.Refuse(new ReservationHasExpired(Id, "system", Due)), Commit(Open, Due, 5));
    }

    [Fact]
    public void The_schedule_ends_an_open_promise_whatever_the_time() => Assert.Equal([new ReservationExpired(Id, 4)], Accepted(Expire(Open)));

    [Fact]
    public void What_nobody_reserved_is_unknown_to_every_command()
    {
        var none = Example.Product();

        Assert.All([Commit(none, Example.Now), Release(none, Example.Now), Expire(none)], end => Assert.Equal(Decision.Refuse(new NoSuchReservation(Id)), end));
    }

    public static TheoryData<object, Refusal> Ends => new()
    {
        { new ReservationCommitted(Id, 3, 1), new ReservationIsCommitted(Id, "bob", Example.Now) },
        { new ReservationReleased(Id, 4), new ReservationIsReleased(Id, "bob", Example.Now) },
        { new ReservationExpired(Id, 4), new ReservationHasExpired(Id, "bob", Example.Now) },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void What_is_closed_stays_as_it_is_and_says_who_closed_it(object end, Refusal refusal)
    {
        var closed = Product.Fold(Open, Example.Id, end, new EventOrigin("bob", Example.Now));

        Assert.All([Commit(closed, Example.Now), Release(closed, Example.Now), Expire(closed)], decision => Assert.Equal(Decision.Refuse(refusal), decision));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void What_is_closed_by_somebody_unknown_is_closed_all_the_same(object end, Refusal refusal)
    {
        var closed = Product.Fold(Open, Example.Id, end);

        Assert.Equal(refusal.GetType(), Assert.IsType<Decision.Refused>(Commit(closed, Example.Now)).Refusal.GetType());
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_reservation_knows_its_life(object end, Refusal refusal)
    {
        Assert.NotNull(refusal);
        var opened = Product.Fold(Example.Product(), Example.Id, Made, new EventOrigin("ann", Example.Now));

        Assert.Equal(
            new ReservationView(Id, Example.Id, 4, ReservationStatus.Open, Due, "SO-1", null, "ann", Example.Now, null, null), ReservationView.Of(opened.Reservations[Id]));

        var closed = Product.Fold(opened, Example.Id, end, new EventOrigin("bob", Due)).Reservations[Id];
        var (status, committed) = end switch
        {
            ReservationCommitted => (ReservationStatus.Committed, (int?)3),
            ReservationReleased => (ReservationStatus.Released, null),
            _ => (ReservationStatus.Expired, null),
        };

        Assert.Equal(new ReservationView(Id, Example.Id, 4, status, Due, "SO-1", committed, "ann", Example.Now, "bob", Due), ReservationView.Of(closed));
    }

    private static IReadOnlyList<object> Accepted(Decision decision) => Assert.IsType<Decision.Accepted>(decision).Events;

    private static Decision Commit(Product product, DateTimeOffset now, int? quantity = null) =>
        CommitReservation.Decide(new CommitReservation(Example.Id, Id, quantity), product, now);

    private static Decision Release(Product product, DateTimeOffset now) => ReleaseReservation.Decide(new ReleaseReservation(Example.Id, Id), product, now);

    private static Decision Expire(Product product) => ExpireReservation.Decide(new ExpireReservation(Example.Id, Id), product, Example.Now);
}
