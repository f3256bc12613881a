using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inventory.Tests.Schedules;

/// <summary>
/// The combiner and its lines in many orders: callers that come and hang up, turns on a stream between them, another node that writes, commits that
/// fail or whose answer is lost, and a stop in the middle. Every command is answered once, as it ended, and in the order in which it came.
/// </summary>
public sealed class CombinerSchedules : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ConflictMetrics _metrics;

    public CombinerSchedules() => _metrics = new ConflictMetrics(_services.GetRequiredService<IMeterFactory>());

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Every_command_is_answered_once_as_it_ended_and_in_order()
    {
        var ends = new HashSet<string>();
        Exploration.ForAll(schedule =>
        {
            var crowd = new Crowd(schedule, _metrics);
            crowd.Begin();
            schedule.Run();
            crowd.Check();
            ends.UnionWith(crowd.Ends);
        });

        Assert.Superset(new HashSet<string> { "Accepted", "Replayed", "Overloaded", "RetriesExhausted", "Unavailable", "Unknown", "Defect", "turned away" }, ends);
    }

    [Fact]
    public void A_stop_waits_for_whom_it_has_taken_and_takes_nobody_more() => Exploration.ForAll(schedule =>
    {
        var crowd = new Crowd(schedule, _metrics);
        crowd.Begin();
        schedule.Start("stop", async () =>
        {
            for (var wait = schedule.Chance.Below(30); wait > 0; wait--)
            {
                await Task.Yield();
            }

            await crowd.Combiner.StopAsync(CancellationToken.None);
            var attempts = crowd.Store.Attempts;
            Assert.Equal(0, crowd.Combiner.Waiting);
            Assert.IsType<Outcome<Product>.Overloaded>(await crowd.Combiner.FoldAsync(crowd.Streams[0], new AdjustStock(crowd.Streams[0], 1, "late", null), Crowd.Context(schedule), new Certainty()));
            Assert.Null(await crowd.Combiner.EnterAsync(crowd.Streams[0]));
            await Task.Delay(TimeSpan.FromMinutes(1), schedule.Clock);
            Assert.Equal(attempts, crowd.Store.Attempts);
        });
        schedule.Run();
        crowd.Check();
    });

    [Fact]
    public void A_turn_that_is_given_back_twice_is_found()
    {
        var wrong = Exploration.FirstWrong(schedule =>
        {
            var crowd = new Crowd(schedule, _metrics, givesBackTwice: true);
            crowd.Begin();
            schedule.Run();
            crowd.Check();
        });

        Assert.NotNull(wrong);
    }

    /// <summary>Callers of one node, and what they have to find in the end.</summary>
    private sealed class Crowd
    {
        private readonly Schedule _schedule;
        private readonly bool _givesBackTwice;
        private readonly ConflictOptions _options;
        private readonly Dictionary<Guid, List<Guid>> _came;
        private readonly List<(Guid Stream, Guid Id, Task<Outcome<Product>> End)> _folded = [];
        private readonly List<(Guid Stream, Guid Id, Task<bool> End)> _turns = [];

        public Crowd(Schedule schedule, ConflictMetrics metrics, bool givesBackTwice = false)
        {
            (_schedule, _givesBackTwice) = (schedule, givesBackTwice);
            _options = new ConflictOptions
            {
                Lanes = schedule.Chance.Between(1, 2),
                CommandsPerCommitMax = schedule.Chance.Between(1, 6),
                WaitingPerStreamMax = schedule.Chance.Between(3, 20),
                WaitingPerNodeMax = schedule.Chance.Between(6, 40),
                WaitMax = TimeSpan.FromMilliseconds(schedule.Chance.Between(10, 400)),
                RetryDeadline = TimeSpan.FromMilliseconds(schedule.Chance.Between(10, 400)),
                ExclusiveFor = TimeSpan.FromMilliseconds(schedule.Chance.Between(0, 100)),
                // A pause is drawn between zero and this by chance of its own.
                RetryDelayFirst = TimeSpan.Zero,
            };
            Streams = [.. Enumerable.Range(0, schedule.Chance.Between(1, 3)).Select(_ => schedule.Chance.Id())];
            _came = Streams.ToDictionary(stream => stream, _ => new List<Guid>());
            Store = new YieldingStore(schedule, Streams, _options);
            Combiner = new Combiner<Product>(_ => Store.AttemptAsync, new DatabaseHistory(), _options, schedule.Clock, metrics, NullLogger.Instance);
        }

        public IReadOnlyList<Guid> Streams { get; }

        public YieldingStore Store { get; }

        public Combiner<Product> Combiner { get; }

        /// <summary>How commands and turns ended.</summary>
        public IEnumerable<string> Ends => _folded.Select(one => one.End.IsFaulted ? "Defect" : one.End.Result.GetType().Name)
            .Concat(_turns.Select(one => one.End.Result ? "turn" : "turned away"));

        public static CommandContext Context(Schedule schedule) => new("user", schedule.Chance.Id(), Precondition.None);

        public void Begin()
        {
            for (var caller = _schedule.Chance.Between(2, 8); caller > 0; caller--)
            {
                _schedule.Start("caller", CallAsync);
            }

            for (var alone = _schedule.Chance.Below(4); alone > 0; alone--)
            {
                _schedule.Start("alone", TakeTurnAsync);
            }

            if (_schedule.Chance.Chance(50))
            {
                _schedule.Start("another node", async () =>
                {
                    for (var writes = _schedule.Chance.Below(4); writes > 0; writes--)
                    {
                        await Store.CommitElsewhereAsync(_schedule.Chance.Of(Streams), _schedule.Chance.Id());
                    }
                });
            }
        }

        /// <summary>Holds what everybody was told against what is in the store.</summary>
        public void Check()
        {
            Assert.Empty(Store.Wrongs);
            Assert.Equal(0, Combiner.Waiting);
            Assert.Equal(0, Combiner.Lines);
            foreach (var (stream, id, end) in _folded)
            {
                Assert.True(end.IsCompleted, "A command was not answered.");
                var at = Store.Of(stream).Index().Where(one => one.Item == id).Select(one => one.Index + 1L).ToList();
                if (end.IsFaulted)
                {
                    Assert.Empty(at);
                    continue;
                }

                switch (end.Result)
                {
                    case Outcome<Product>.Accepted accepted:
                        Assert.Equal([accepted.State.Version], at);
                        break;
                    case Outcome<Product>.Replayed:
                        Assert.Single(at);
                        break;
                    case Outcome<Product>.Unknown:
                        Assert.InRange(at.Count, 0, 1);
                        break;
                    case Outcome<Product>.Overloaded or Outcome<Product>.RetriesExhausted or Outcome<Product>.Unavailable:
                        Assert.Empty(at);
                        break;
                    case var other:
                        Assert.Fail($"{other} is no end of such a command.");
                        break;
                }
            }

            Assert.All(_turns, turn => Assert.Equal(turn.End.Result ? 1 : 0, Store.Of(turn.Stream).Count(id => id == turn.Id)));
            Assert.All(Streams, stream => Assert.Equal(_came[stream].Where(Store.Of(stream).Contains), Store.Of(stream).Where(_came[stream].Contains)));
        }

        private async Task CallAsync()
        {
            var ends = new List<Task>();
            for (var commands = _schedule.Chance.Between(1, 4); commands > 0; commands--)
            {
                var (stream, context) = (_schedule.Chance.Of(Streams), Context(_schedule));
                var isDefect = _schedule.IsFaulty && _schedule.Chance.Chance(5);
                _came[stream].Add(context.CommandId);
                var end = Combiner.FoldAsync(stream, new AdjustStock(stream, 1, isDefect ? YieldingStore.Defect : "sale", null), context, new Certainty());
                _folded.Add((stream, context.CommandId, end));
                ends.Add(end);
                if (_schedule.Chance.Chance(70))
                {
                    // The others hang up, and call again while they are served.
                    await EndOf(end);
                }
            }

            await EndOf(Task.WhenAll(ends));
        }

        private static ConfiguredTaskAwaitable EndOf(Task end) => end.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        private async Task TakeTurnAsync()
        {
            var (stream, id) = (_schedule.Chance.Of(Streams), _schedule.Chance.Id());
            _came[stream].Add(id);
            var end = TurnAsync(stream, id);
            _turns.Add((stream, id, end));
            await end;
        }

        private async Task<bool> TurnAsync(Guid stream, Guid id)
        {
            using var turn = await Combiner.EnterAsync(stream);
            if (turn is null)
            {
                return false;
            }

            using (Store.Enter(stream))
            {
                await Task.Yield();
                await Store.CommitElsewhereAsync(stream, id);
                await Task.Yield();
            }

            if (_givesBackTwice)
            {
                turn.Dispose();
            }

            return true;
        }
    }
}
