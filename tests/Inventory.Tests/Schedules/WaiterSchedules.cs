using Inventory.Slices.Hosting;
using Inventory.Slices.Insight;
using Npgsql;

namespace Inventory.Tests.Schedules;

/// <summary>
/// Those who wait for the product list to come to a version, for a product to change and for changes to be told, in many orders. They are woken when it has
/// happened, they go when their time is over and not before, and nobody is left.
/// </summary>
public sealed class WaiterSchedules
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    [Fact]
    public void Who_waits_for_a_version_of_the_list_is_woken_when_it_is_there_or_told_in_time_that_it_is_not()
    {
        var ends = new HashSet<string>();
        Exploration.ForAll(schedule =>
        {
            var list = new Listed(schedule);
            var versions = new ListedVersions(list.AskAsync, list.Changed, schedule.Clock);
            schedule.Serve("list", versions.RunAsync);
            schedule.Start("projection", list.GrowAsync);
            for (var reader = schedule.Chance.Between(1, 6); reader > 0; reader--)
            {
                schedule.Start("reader", async () => ends.Add(await ReadAsync(schedule, list, versions)));
            }

            schedule.Run();

            Assert.Equal(0, versions.Waiting);
        });

        Assert.Superset(new HashSet<string> { "there", "in vain", "hung up", "no answer" }, ends);
    }

    [Fact]
    public void Who_follows_a_product_sees_its_last_version_at_once_or_a_second_later_when_nobody_told() => Exploration.ForAll(schedule =>
    {
        var list = new Listed(schedule);
        var isTold = schedule.Chance.Chance(70);
        var watch = new ProductWatch(list.AskAsync, isTold ? list.Changed : new Signal(), schedule.Clock);
        schedule.Serve("watch", watch.RunAsync);
        schedule.Start("writer", list.GrowAsync);
        for (var follower = schedule.Chance.Between(1, 5); follower > 0; follower--)
        {
            schedule.Start("follower", async () =>
            {
                var product = schedule.Chance.Of(list.Products);
                var target = schedule.Chance.Between(1, list.LastOf(product));
                using var watched = watch.Watch(product);
                while (true)
                {
                    var next = watched.Changed.Next;
                    var seen = list.VersionOf(product);
                    await Task.Yield();
                    if (seen >= target)
                    {
                        break;
                    }

                    await next;
                }

                var late = schedule.Clock.Elapsed - list.At(product, target);
                Assert.True(schedule.IsTimeHasty || late <= (isTold && !schedule.IsFaulty ? TimeSpan.Zero : ProductWatch.LookEvery), $"Seen {late} late.");
            });
        }

        schedule.Run();

        Assert.Equal(0, watch.Watching);
    });

    [Fact]
    public void Who_follows_all_changes_gets_each_once_and_in_order_at_once() => Exploration.ForAll(schedule =>
    {
        var log = new Log(schedule);
        var feed = new ChangeFeed(log.ReachedAsync, log.ReadAsync, log.Changed);
        schedule.Serve("feed", feed.RunAsync);
        schedule.Start("writer", log.GrowAsync);
        for (var follower = schedule.Chance.Between(1, 5); follower > 0; follower--)
        {
            schedule.Start("follower", () => FollowAsync(schedule, log, feed));
        }

        schedule.Run();

        Assert.Equal(TimeSpan.Zero, schedule.Clock.Elapsed);
    });

    private static async Task FollowAsync(Schedule schedule, Log log, ChangeFeed feed)
    {
        for (var wait = schedule.Chance.Below(20); wait > 0; wait--)
        {
            await Task.Yield();
        }

        using var following = feed.Follow();
        var last = (long)schedule.Chance.Below((int)log.Reached + 1);
        var until = schedule.Chance.Between((int)last, Log.Last);
        while (true)
        {
            var next = feed.Grown.Next;
            try
            {
                while (await feed.AfterAsync(last, CancellationToken.None) is { Count: > 0 } changes)
                {
                    Assert.Equal(Enumerable.Range(1, changes.Count).Select(number => last + number), changes.Select(change => change.Sequence));
                    last = changes[^1].Sequence;
                }
            }
            catch (NpgsqlException) when (schedule.IsFaulty)
            {
                // Cut off; who comes back begins where it was.
                continue;
            }

            if (last >= until)
            {
                return;
            }

            await next;
        }
    }

    private static async Task<string> ReadAsync(Schedule schedule, Listed list, ListedVersions versions)
    {
        using var hangUp = new CancellationTokenSource();
        var wanted = list.Products.ToDictionary(product => product, product => (long)schedule.Chance.Between(0, list.LastOf(product) + (schedule.Chance.Chance(30) ? 1 : 0)));
        var isPossible = wanted.All(product => product.Value <= list.LastOf(product.Key));
        for (var wait = schedule.Chance.Below(10); wait > 0; wait--)
        {
            await Task.Yield();
        }

        var began = schedule.Clock.Elapsed;
        var reaching = versions.ReachAsync(new ReadAfter(wanted, Patience, Strict: false), hangUp.Token);
        if (schedule.Chance.Chance(20))
        {
            await Task.Yield();
            HangUp();
        }

        try
        {
            var reached = await reaching;
            var waited = schedule.Clock.Elapsed - began;
            var isThere = wanted.All(product => list.VersionOf(product.Key) >= product.Value);
            if (reached)
            {
                Assert.True(isThere, "What is not there was said to be.");
                return "there";
            }

            Assert.True(waited >= Patience, $"Told after {waited}.");
            Assert.True(schedule.IsTimeHasty || (!isPossible && waited == Patience), "Nobody was woken.");
            return "in vain";
        }
        catch (OperationCanceledException) when (hangUp.IsCancellationRequested)
        {
            return "hung up";
        }
        catch (NpgsqlException) when (schedule.IsFaulty)
        {
            return "no answer";
        }

        // Here, and not on another thread.
        void HangUp() => hangUp.Cancel();
    }

    /// <summary>A list of products whose versions grow, each growth told after it was done.</summary>
    private sealed class Listed
    {
        private readonly Schedule _schedule;
        private readonly Dictionary<Guid, long> _versions;
        private readonly Dictionary<Guid, long> _last;
        private readonly Dictionary<(Guid Product, long Version), TimeSpan> _at = [];
        private bool _isAway;

        public Listed(Schedule schedule)
        {
            _schedule = schedule;
            Products = [.. Enumerable.Range(0, schedule.Chance.Between(1, 3)).Select(_ => schedule.Chance.Id())];
            _versions = Products.ToDictionary(product => product, _ => 0L);
            _last = Products.ToDictionary(product => product, _ => (long)schedule.Chance.Between(1, 4));
        }

        public IReadOnlyList<Guid> Products { get; }

        public Signal Changed { get; } = new();

        public int LastOf(Guid product) => (int)_last[product];

        public long VersionOf(Guid product) => _versions[product];

        public TimeSpan At(Guid product, long version) => _at[(product, version)];

        public async Task GrowAsync()
        {
            while (_versions.Where(product => product.Value < _last[product.Key]).Select(product => product.Key).ToList() is { Count: > 0 } growing)
            {
                await Task.Yield();
                var product = _schedule.Chance.Of(growing);
                _at[(product, ++_versions[product])] = _schedule.Clock.Elapsed;
                await Task.Yield();
                Changed.Raise();
                if (_schedule.Chance.Chance(_schedule.FaultPercent))
                {
                    _isAway = true;
                    await Task.Yield();
                    _isAway = false;
                    // Who listens says so when it is there again: it may have missed something.
                    Changed.Raise();
                }
            }
        }

        public async Task<Dictionary<Guid, long>> AskAsync(IEnumerable<Guid> products, CancellationToken cancellation)
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            if (_isAway)
            {
                throw new NpgsqlException("The database is away.");
            }

            var versions = products.ToDictionary(product => product, product => _versions[product]);
            await Task.Yield();
            return versions;
        }
    }

    /// <summary>Changes that become visible some at a time, each growth told after it was done.</summary>
    private sealed class Log(Schedule schedule)
    {
        public const int Last = 12;

        private bool _isAway;

        public long Reached { get; private set; }

        public Signal Changed { get; } = new();

        public async Task GrowAsync()
        {
            while (Reached < Last)
            {
                await Task.Yield();
                Reached = Math.Min(Last, Reached + schedule.Chance.Between(1, 4));
                await Task.Yield();
                Changed.Raise();
                if (schedule.Chance.Chance(schedule.FaultPercent))
                {
                    _isAway = true;
                    await Task.Yield();
                    _isAway = false;
                    Changed.Raise();
                }
            }
        }

        public async Task<long> ReachedAsync(CancellationToken cancellation)
        {
            await AnswerAsync();
            var reached = Reached;
            await Task.Yield();
            return reached;
        }

        public async Task<List<(long Sequence, ChangeItem Change)>> ReadAsync(long after, long to, CancellationToken cancellation)
        {
            await AnswerAsync();
            List<(long, ChangeItem)> changes = [.. Enumerable.Range(1, Last).Select(number => (long)number).Where(number => number > after && number <= to).Select(number => (number, (ChangeItem)null!))];
            await Task.Yield();
            return changes;
        }

        private async Task AnswerAsync()
        {
            await Task.Yield();
            if (_isAway)
            {
                throw new NpgsqlException("The database is away.");
            }
        }
    }
}
