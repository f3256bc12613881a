using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Inventory.Tests.Products;
using JasperFx.Events;

namespace Inventory.Tests.Properties;

/// <summary>
/// Folding is nothing but a saving: commands that are folded into one commit end as if each had been committed before the next
/// was decided, in events, versions, answers and receipts. The combiner's own code decides them here, without a database.
/// </summary>
public sealed class FoldingProperties : IDisposable
{
    private const int Cases = 250;

    private readonly DisconnectedCombiner _combiner = new();

    public void Dispose() => _combiner.Dispose();

    [Fact]
    public void Folded_commands_end_as_if_each_had_its_own_commit()
    {
        var ends = new HashSet<string>();
        Repeatable.ForAll(Crowd.Any, Crowd.Simpler, crowd =>
        {
            var apart = OneByOne(crowd);
            var folded = _combiner.Fold(crowd.Met, crowd.Asks);

            Assert.Equal(apart.Ends.Select(Told), folded.Ends.Select(Told));
            Assert.Equal(
                apart.Appended.Select(lived => (lived.Event, lived.By.Actor, lived.By.CommandId.ToString(), lived.By.TraceId, Example.Now)),
                folded.Stream.Appended.Cast<IEvent>().Select(e => (e.Data, e.UserName!, e.CausationId!, e.CorrelationId, e.Timestamp)));
            Assert.Equal(Told(apart.Left), Told(folded.Stream.Current));
            Assert.Equal(
                crowd.Asks.Zip(apart.Ends).Where(pair => pair.Second.LeavesReceipt).Select(pair => (pair.First.Context.ReceiptId, pair.Second.Kept)),
                folded.Receipts.Select(receipt => (receipt.Id, (Answer?)receipt.Answer)));
            ends.UnionWith(apart.Ends.Select(end => end.GetType().Name + (end is Outcome<Product>.Accepted { MergedWith.Count: > 0 } ? ", merged" : "")));
        }, Cases);

        Assert.Superset(new HashSet<string> { "Accepted", "Accepted, merged", "Refused", "Conflicted", "SeenVersionAhead" }, ends);
    }

    [Fact]
    public void Folding_makes_no_unit_and_loses_none() => Repeatable.ForAll(Crowd.Any, Crowd.Simpler, crowd =>
    {
        var stream = _combiner.Fold(crowd.Met, crowd.Asks).Stream;
        var events = stream.Appended.Cast<IEvent>().Select(e => e.Data).ToList();

        Assert.Equal(
            crowd.Met.OnHand + events.OfType<StockAdjusted>().Sum(e => (long)e.Delta) - events.OfType<ReservationCommitted>().Sum(e => (long)e.Quantity),
            stream.Current.OnHand);
        Assert.Equal(
            crowd.Met.Reserved + events.OfType<StockReserved>().Sum(e => e.Quantity) - events.OfType<ReservationReleased>().Sum(e => e.Quantity)
            - events.OfType<ReservationExpired>().Sum(e => e.Quantity) - events.OfType<ReservationCommitted>().Sum(e => e.Quantity + e.Returned),
            stream.Current.Reserved);
        var product = crowd.Met;
        Assert.All(events, e =>
        {
            product = Product.Fold(product, product.Id, e);
            Assert.InRange(product.Available, 0, product.OnHand);
            Assert.InRange(product.OnHand, 0, ProductLimits.QuantityUnitsMax);
        });
    }, Cases);

    [Fact]
    public void Who_is_refused_leaves_the_neighbours_as_they_would_be_alone() => Repeatable.ForAll(Crowd.Any, Crowd.Simpler, crowd =>
    {
        var all = _combiner.Fold(crowd.Met, crowd.Asks);
        var accepted = crowd.Asks.Zip(all.Ends).Where(pair => pair.Second is Outcome<Product>.Accepted).ToList();

        var alone = _combiner.Fold(crowd.Met, [.. accepted.Select(pair => pair.First)]);

        Assert.Equal(accepted.Select(pair => Told(pair.Second)), alone.Ends.Select(Told));
        Assert.Equal(Told(all.Stream.Current), Told(alone.Stream.Current));
    }, Cases);

    /// <summary>What folding has to equal: each command loads what its predecessors committed, is judged on that, and commits.</summary>
    private static (List<Outcome<Product>> Ends, List<(object Event, CommandContext By, Product After)> Appended, Product Left) OneByOne(Crowd crowd)
    {
        var answers = new ProductAnswers();
        var ends = new List<Outcome<Product>>();
        var appended = new List<(object Event, CommandContext By, Product After)>();
        foreach (var (command, context) in crowd.Asks)
        {
            var current = appended.Aggregate(crowd.Met, (state, lived) => Product.Fold(state, state.Id, lived.Event, new EventOrigin(lived.By.Actor, Example.Now)));
            var policy = ConflictPolicies.Of(command.GetType());
            var seen = Judgement.SeenVersion(context.Precondition, current.Version, firstLoaded: current.Version) ?? current.Version;
            var changes = appended.Where(lived => lived.After.Version > seen).Select(lived => new Change(
                lived.After.Version, lived.Event.GetType().Name, Product.Describe(lived.Event, lived.After), lived.By.Actor, Example.Now,
                policy.ClashesWith.Contains(lived.Event.GetType()))).ToList();
            var unseen = new UnseenEvents(changes, changes.Count, changes.Count(change => change.Clashes));

            var (end, events) = Judgement.Of(
                command, context.Precondition, current, Judgement.SeenVersion(context.Precondition, current.Version, current.Version), unseen, Example.Now);
            ends.Add(end is Outcome<Product>.Accepted or Outcome<Product>.Refused ? end with { Kept = answers.Of(command, context, end) } : end);
            foreach (var e in events)
            {
                current = Product.Fold(current, current.Id, e);
                appended.Add((e, context, current));
            }
        }

        return (ends, appended, appended.Count == 0 ? crowd.Met : appended[^1].After);
    }

    private static string Told<T>(T what) => $"{what!.GetType().Name} {JsonSerializer.Serialize<object>(what)}";

    /// <summary>Commands that wait for one product at the same moment.</summary>
    private sealed class Crowd
    {
        private static readonly IReadOnlyList<Type> Commands =
            [.. ProductMakers.CommandTypes.Where(type => ConflictPolicies.Of(type).IsFolded), typeof(TakeWhatIsLeft)];

        private readonly Story _story;
        private readonly IReadOnlyList<Asked> _asked;

        private Crowd(Story story, IReadOnlyList<Asked> asked)
        {
            (_story, _asked) = (story, asked);
            Asks = [.. asked.Select((ask, number) => ask.Of(Met, number))];
        }

        public static Gen<Crowd> Any { get; } =
            from story in Story.Any
            from count in Gen.Choose(1, 20)
            from asked in Gen.ListOf(
                from command in Gen.Elements<Type>(Commands)
                from draw in Draw.Any
                from actor in Gen.Choose(1, 3)
                from seen in Gen.Choose(0, 9)
                select new Asked(command, draw, actor, seen), count)
            select new Crowd(story, [.. asked]);

        /// <summary>The state they meet.</summary>
        public Product Met => _story.Product;

        public IReadOnlyList<(ICommand<Product> Command, CommandContext Context)> Asks { get; }

        public static IEnumerable<Crowd> Simpler(Crowd crowd) =>
        [
            .. Repeatable.Simpler(crowd._asked, asked => asked.Simpler()).Select(asked => new Crowd(crowd._story, asked)),
            .. Story.Simpler(crowd._story).Select(story => new Crowd(story, crowd._asked)),
        ];

        public override string ToString() => $"met: {_story}; asked: {string.Join(", ", Asks)}";
    }

    private sealed record Asked(Type Command, Draw Draw, int Actor, int Seen)
    {
        /// <summary>The command, and what its sender says it saw: mostly nothing, else the version that all of them met or one shortly after.</summary>
        public (ICommand<Product> Command, CommandContext Context) Of(Product met, int number)
        {
            var command = Command == typeof(TakeWhatIsLeft) ? new TakeWhatIsLeft() : ProductMakers.Command(Command, Draw, met);
            Precondition precondition = Seen switch
            {
                <= 4 => Precondition.None,
                5 or 6 => new Precondition.Seen(met.Version),
                7 => new Precondition.Seen(met.Version + (Draw.Amount % 4)),
                8 => new Precondition.AtVersion([met.Version, met.Version + (Draw.Amount % 4)]),
                _ => new Precondition.AnyVersion(),
            };
            return (command, new CommandContext($"user-{Actor}", new Guid(number + 1, 0, 0, new byte[8]), precondition) { TraceId = $"trace-{number}" });
        }

        public IEnumerable<Asked> Simpler() =>
        [
            .. Seen > 0 ? [this with { Seen = 0 }] : Array.Empty<Asked>(),
            .. Draw.Simpler().Select(draw => this with { Draw = draw }),
        ];
    }
}

/// <summary>Takes all that can be sold. What that is, others change: so deltas clash with it, which they do with no command of the service.</summary>
[OnConflict(Resolve.Merge,
    ClashesWith = [typeof(StockAdjusted), typeof(ProductDiscontinued)],
    CompatibleWith =
    [
        typeof(ProductRenamed), typeof(StockCounted), typeof(ReorderPointSet), typeof(StockReserved), typeof(ReservationCommitted),
        typeof(ReservationReleased), typeof(ReservationExpired), typeof(ProductReinstated),
    ])]
public sealed record TakeWhatIsLeft : ICommand<TakeWhatIsLeft, Product>
{
    public static Decision Decide(TakeWhatIsLeft command, Product current, DateTimeOffset now) => current is { Discontinued: false, Available: > 0 }
        ? Decision.Accept(new StockAdjusted(-current.Available, "clearance", null))
        : Decision.Refuse(new InsufficientStock(1, current.Available));
}
