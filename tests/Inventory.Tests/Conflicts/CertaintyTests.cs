using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx;
using Npgsql;

namespace Inventory.Tests.Conflicts;

/// <summary>What may be said about a command, after everything that can happen to it.</summary>
public sealed class CertaintyTests
{
    private const int HappeningsMax = 6;

    /// <summary>Every state and every happening, as they ought to be.</summary>
    private static readonly Dictionary<(Knowledge, Happening), (Knowledge, Claim)> Table = new()
    {
        [(Knowledge.Untouched, Happening.CommitSent)] = (Knowledge.Committing, Claim.None),
        [(Knowledge.Untouched, Happening.CommitAnswered)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Untouched, Happening.AttemptFailed)] = (Knowledge.Untouched, Claim.None),
        [(Knowledge.Untouched, Happening.ReceiptFound)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Untouched, Happening.FencedOff)] = (Knowledge.Untouched, Claim.None),
        [(Knowledge.Untouched, Happening.Judged)] = (Knowledge.Closed, Claim.NothingWritten),
        [(Knowledge.Untouched, Happening.GivenUp)] = (Knowledge.Closed, Claim.NothingWritten),
        [(Knowledge.Committing, Happening.CommitSent)] = (Knowledge.Committing, Claim.None),
        [(Knowledge.Committing, Happening.CommitAnswered)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Committing, Happening.AttemptFailed)] = (Knowledge.InDoubt, Claim.None),
        [(Knowledge.Committing, Happening.ReceiptFound)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Committing, Happening.FencedOff)] = (Knowledge.InDoubt, Claim.None),
        [(Knowledge.Committing, Happening.Judged)] = (Knowledge.Closed, Claim.Unknown),
        [(Knowledge.Committing, Happening.GivenUp)] = (Knowledge.Closed, Claim.Unknown),
        [(Knowledge.InDoubt, Happening.CommitSent)] = (Knowledge.Committing, Claim.None),
        [(Knowledge.InDoubt, Happening.CommitAnswered)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.InDoubt, Happening.AttemptFailed)] = (Knowledge.InDoubt, Claim.None),
        [(Knowledge.InDoubt, Happening.ReceiptFound)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.InDoubt, Happening.FencedOff)] = (Knowledge.Untouched, Claim.None),
        [(Knowledge.InDoubt, Happening.Judged)] = (Knowledge.Closed, Claim.Unknown),
        [(Knowledge.InDoubt, Happening.GivenUp)] = (Knowledge.Closed, Claim.Unknown),
        [(Knowledge.Settled, Happening.CommitSent)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Settled, Happening.CommitAnswered)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Settled, Happening.AttemptFailed)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Settled, Happening.ReceiptFound)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Settled, Happening.FencedOff)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Settled, Happening.Judged)] = (Knowledge.Settled, Claim.Ended),
        [(Knowledge.Settled, Happening.GivenUp)] = (Knowledge.Settled, Claim.Unknown),
        [(Knowledge.Closed, Happening.CommitSent)] = (Knowledge.Closed, Claim.None),
        [(Knowledge.Closed, Happening.CommitAnswered)] = (Knowledge.Closed, Claim.None),
        [(Knowledge.Closed, Happening.AttemptFailed)] = (Knowledge.Closed, Claim.None),
        [(Knowledge.Closed, Happening.ReceiptFound)] = (Knowledge.Closed, Claim.None),
        [(Knowledge.Closed, Happening.FencedOff)] = (Knowledge.Closed, Claim.None),
        [(Knowledge.Closed, Happening.Judged)] = (Knowledge.Closed, Claim.None),
        [(Knowledge.Closed, Happening.GivenUp)] = (Knowledge.Closed, Claim.None),
    };

    [Fact]
    public void Each_happening_leads_where_it_ought_to()
    {
        var everything = Enum.GetValues<Knowledge>().SelectMany(known => Enum.GetValues<Happening>().Select(happening => (known, happening))).ToList();

        Assert.Equal(everything.Count, Table.Count);
        Assert.All(everything, one => Assert.Equal((one, Table[one]), (one, Certainty.After(one.known, one.happening))));
    }

    [Fact]
    public void Nothing_written_is_never_said_of_a_command_that_took_effect_or_yet_may()
    {
        var lives = 0;
        Live(Knowledge.Untouched, new World(Sent: 0, Committed: false), HappeningsMax);
        Assert.True(lives > 1_000, $"Only {lives} lives were looked at.");

        // Everything that the world lets happen: what the server does with a COMMIT is not known here until it says so.
        void Live(Knowledge known, World world, int left)
        {
            foreach (var (happening, after) in world.Next(known))
            {
                var (next, claim) = Certainty.After(known, happening);
                Assert.False(
                    claim == Claim.NothingWritten && (after.Committed || after.Sent > 0),
                    $"“Nothing was written” is said after {happening} in {known}, and the command has {(after.Committed ? "taken effect" : "a COMMIT on its way")}.");
                Assert.False(claim == Claim.Ended && happening == Happening.CommitSent, "A command that has ended is sent again.");
                lives++;
                if (left > 0 && next is not (Knowledge.Closed or Knowledge.Settled))
                {
                    Live(next, after, left - 1);
                }
            }
        }
    }

    [Fact]
    public void A_command_whose_sender_was_told_is_not_committed_any_more()
    {
        var certainty = new Certainty();

        Assert.IsType<Outcome<Product>.Unavailable>(certainty.GiveUp<Product>(new NpgsqlException("away"), attempts: 1));

        Assert.False(certainty.TrySend());
        Assert.True(certainty.IsClosed);
    }

    [Fact]
    public void The_cause_names_what_is_said_only_of_a_command_that_was_never_sent()
    {
        Assert.IsType<Outcome<Product>.RetriesExhausted>(new Certainty().GiveUp<Product>(new ConcurrencyException(typeof(Product), Guid.Empty), 3));
        Assert.IsType<Outcome<Product>.Unavailable>(new Certainty().GiveUp<Product>(new TimeoutException(), 1));
        Assert.IsType<Outcome<Product>.Unavailable>(new Certainty().GiveUp<Product>(new PostgresException("full", "ERROR", "ERROR", "53100"), 1));
        Assert.Null(new Certainty().GiveUp<Product>(new InvalidOperationException("a defect"), 1));
    }

    [Theory]
    [InlineData("08006")]
    [InlineData("25006")]
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("53300")]
    [InlineData("55P03")]
    [InlineData("57014")]
    [InlineData("57P03")]
    [InlineData("XX000")]
    [InlineData("23505")]
    public void No_error_turns_doubt_into_nothing_written(string state)
    {
        var certainty = new Certainty();
        Assert.True(certainty.TrySend());
        certainty.Failed();
        certainty.Failed();

        Assert.IsType<Outcome<Product>.Unknown>(certainty.GiveUp<Product>(new PostgresException("message", "ERROR", "ERROR", state), 2));
    }

    [Fact]
    public void A_conflict_found_in_doubt_is_not_told_as_one_until_the_lost_commit_is_fenced_off()
    {
        var doubtful = new Certainty();
        doubtful.TrySend();
        doubtful.Failed();
        Assert.IsType<Outcome<Product>.Unknown>(doubtful.End(new Outcome<Product>.NotFound()));

        var fenced = new Certainty();
        fenced.TrySend();
        fenced.Failed();
        fenced.FencedOff();
        Assert.IsType<Outcome<Product>.NotFound>(fenced.End(new Outcome<Product>.NotFound()));
    }

    /// <summary>What is so, whatever is known of it.</summary>
    /// <param name="Sent">How many COMMITs are on their way, whose fate is open.</param>
    /// <param name="Committed">Whether one was done. A second is refused by the receipt.</param>
    private sealed record World(int Sent, bool Committed)
    {
        public IEnumerable<(Happening, World)> Next(Knowledge known)
        {
            // A lost COMMIT may be done or undone at any time, without anybody being told.
            var silently = Sent > 0 ? new[] { this, this with { Sent = Sent - 1 }, this with { Sent = 0, Committed = true } } : [this];
            foreach (var world in silently)
            {
                yield return (Happening.AttemptFailed, world);
                yield return (Happening.Judged, world);
                yield return (Happening.GivenUp, world);
                if (known is Knowledge.Untouched or Knowledge.InDoubt)
                {
                    yield return (Happening.CommitSent, world with { Sent = world.Sent + 1 });
                }

                if (known == Knowledge.Committing && world is { Sent: > 0, Committed: false })
                {
                    yield return (Happening.CommitAnswered, world with { Sent = 0, Committed = true });
                }

                if (world.Committed)
                {
                    yield return (Happening.ReceiptFound, world);
                }
                else if (known != Knowledge.Committing)
                {
                    // The lock is had only when no COMMIT holds it any more.
                    yield return (Happening.FencedOff, world with { Sent = 0 });
                }
            }
        }
    }
}
