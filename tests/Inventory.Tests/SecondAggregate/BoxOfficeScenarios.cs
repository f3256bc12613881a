using Inventory.Conflicts;
using Inventory.Tests.Hosting;
using Answer = Inventory.Conflicts.Answer;

namespace Inventory.Tests.SecondAggregate;

public sealed class BoxOfficeScenarios(BoxOffice office) : IClassFixture<BoxOffice>
{
    [Fact]
    public async Task Sales_that_wait_behind_a_commit_are_folded_into_the_next_in_the_order_in_which_they_came()
    {
        var id = await office.AnnounceAsync(seats: 30);
        var (committing, others) = (new TaskCompletionSource(), new TaskCompletionSource());
        office.Race.Stage(async () =>
        {
            committing.SetResult();
            await others.Task;
        });

        var first = office.SendAsync(id, new SellTickets(id, 1));
        await committing.Task;
        // Each is in line when its call returns.
        var waiting = Enumerable.Range(0, 40).Select(_ => office.SendAsync(id, new SellTickets(id, 1))).ToList();
        others.SetResult();
        var outcomes = await Task.WhenAll(waiting.Prepend(first));

        Assert.Equal(2, office.Race.Commits);
        Assert.Equal(
            Enumerable.Range(1, 30).Select(sale => ((long)sale + 1, 30 - sale)),
            outcomes.Take(30).Select(outcome => Assert.IsType<Outcome<Concert>.Accepted>(outcome).State).Select(state => (state.Version, state.SeatsLeft)));
        Assert.All(outcomes.Skip(30), outcome => Assert.Equal(new SoldOut(0), Assert.IsType<Outcome<Concert>.Refused>(outcome).Refusal));
        var (folded, snapshot, versions) = await office.ReadAsync(id);
        Assert.Equal(Enumerable.Range(1, 31).Select(version => (long)version), versions);
        Assert.Equal((0, folded), (folded.SeatsLeft, snapshot));
    }

    [Fact]
    public async Task A_new_title_wants_the_version_that_was_seen()
    {
        var id = await office.AnnounceAsync(seats: 30);

        Assert.IsType<Outcome<Concert>.PreconditionRequired>(await office.SendAsync(id, new RetitleConcert(id, "Schwanengesang")));

        var accepted = Assert.IsType<Outcome<Concert>.Accepted>(
            await office.SendAsync(id, new RetitleConcert(id, "Schwanengesang"), new Precondition.Seen(1)));
        Assert.Equal(("Schwanengesang", 2L), (accepted.State.Title, accepted.State.Version));
    }

    [Fact]
    public async Task A_conflict_tells_what_was_not_seen_in_words_and_which_of_it_clashes()
    {
        var id = await office.AnnounceAsync(seats: 30);
        await office.AppendAsync(id, new TicketsSold(4));
        await office.AppendAsync(id, new ConcertRetitled("Schwanengesang", "Winterreise"));
        await office.AppendAsync(id, new TicketsGivenBack(1));

        var outcome = await office.SendAsync(id, new RetitleConcert(id, "Die schöne Müllerin"), new Precondition.Seen(1));

        var conflict = Assert.IsType<Outcome<Concert>.Conflicted>(outcome).Conflict;
        Assert.Equal((nameof(RetitleConcert), 1L, 4L, 3L, 1L), (conflict.Command, conflict.SeenVersion, conflict.Current.Version, conflict.Unseen.Count, conflict.Unseen.ClashCount));
        Assert.Equal(
            [
                (2L, "4 sold, 26 left", StagedRace.Competitor, false),
                (3L, "“Winterreise” is now “Schwanengesang”", StagedRace.Competitor, true),
                (4L, "1 given back, 27 left", StagedRace.Competitor, false),
            ],
            conflict.Unseen.Listed.Select(change => (change.Version, change.Summary, change.Actor, change.Clashes)));
        Assert.Equal([new OwnChange(nameof(ConcertRetitled), "“Schwanengesang” is now “Die schöne Müllerin”")], conflict.Own);
        Assert.Equal([1L, 2L, 3L, 4L], (await office.ReadAsync(id)).Versions);
    }

    [Fact]
    public async Task A_sale_by_somebody_who_did_not_know_of_the_cancellation_is_a_conflict()
    {
        var id = await office.AnnounceAsync(seats: 30);
        await office.AppendAsync(id, new ConcertCancelled("illness"));

        var outcome = await office.SendAsync(id, new SellTickets(id, 1), new Precondition.Seen(1));

        var conflict = Assert.IsType<Outcome<Concert>.Conflicted>(outcome).Conflict;
        Assert.Equal("cancelled: illness", Assert.Single(conflict.Unseen.Listed, change => change.Clashes).Summary);
        Assert.Empty(conflict.Own);
    }

    [Fact]
    public async Task Tickets_are_given_back_although_two_races_were_lost_first()
    {
        var id = await office.AnnounceAsync(seats: 30);
        office.Race.Stage(() => office.AppendAsync(id, new TicketsSold(4)), () => office.AppendAsync(id, new ConcertCancelled("illness")));

        var outcome = await office.SendAsync(id, new GiveTicketsBack(id, 1));

        var state = Assert.IsType<Outcome<Concert>.Accepted>(outcome).State;
        Assert.Equal((4L, 27, true, 3), (state.Version, state.SeatsLeft, state.Cancelled, office.Race.Commits));
        var (folded, snapshot, versions) = await office.ReadAsync(id);
        Assert.Equal([1L, 2L, 3L, 4L], versions);
        Assert.Equal((state, state), (folded, snapshot));
    }

    [Theory]
    [InlineData(Resolve.Retry)]
    [InlineData(Resolve.Merge)]
    [InlineData(Resolve.Reject)]
    public async Task A_command_that_is_sent_again_under_its_key_is_answered_again_and_not_executed(Resolve policy)
    {
        var id = await office.AnnounceAsync(seats: 30);
        ICommand<Concert> command = policy switch
        {
            Resolve.Retry => new GiveTicketsBack(id, 1),
            Resolve.Merge => new SellTickets(id, 1),
            _ => new RetitleConcert(id, "Schwanengesang"),
        };
        var key = new IdempotencyKey($"{id}", [1]);
        var first = await office.SendAsync(id, command, new Precondition.Seen(1), key);

        var again = await office.SendAsync(id, command, new Precondition.Seen(1), key);
        var another = await office.SendAsync(id, command, new Precondition.Seen(1), key with { RequestHash = [2] });

        Assert.Equal(policy, ConflictPolicies.Of(command.GetType()).Resolve);
        Assert.NotNull(Assert.IsType<Outcome<Concert>.Accepted>(first).Kept);
        Assert.Equal(first.Kept, Assert.IsType<Outcome<Concert>.Replayed>(again).Answer);
        Assert.IsType<Outcome<Concert>.KeyReused>(another);
        Assert.Equal([1L, 2L], (await office.ReadAsync(id)).Versions);
    }

    [Fact]
    public async Task A_refusal_is_answered_again_too_although_the_seats_came_back_meanwhile()
    {
        var id = await office.AnnounceAsync(seats: 1);
        var key = new IdempotencyKey($"{id}", [1]);
        var first = await office.SendAsync(id, new SellTickets(id, 2), key: key);
        await office.AppendAsync(id, new TicketsGivenBack(5));

        var again = await office.SendAsync(id, new SellTickets(id, 2), key: key);

        Assert.Equal(new SoldOut(1), Assert.IsType<Outcome<Concert>.Refused>(first).Refusal);
        Assert.Equal(new Answer(422, 1, null, """{"refusal":"SoldOut"}"""), Assert.IsType<Outcome<Concert>.Replayed>(again).Answer);
        Assert.Equal(first.Kept, Assert.IsType<Outcome<Concert>.Replayed>(again).Answer);
    }

    [Fact]
    public async Task What_was_never_announced_is_not_found()
    {
        var id = Guid.CreateVersion7();

        Assert.IsType<Outcome<Concert>.NotFound>(await office.SendAsync(id, new SellTickets(id, 1)));
        Assert.IsType<Outcome<Concert>.NotFound>(await office.SendAsync(id, new GiveTicketsBack(id, 1)));
    }
}
