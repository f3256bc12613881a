using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Products;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inventory.Tests.Schedules;

/// <summary>The combiner on real threads, for what schedules do not look at: they change nothing between two awaits.</summary>
public sealed class CombinerThreads
{
    private const int Callers = 8;
    private const int CommandsEach = 250;

    private readonly Guid[] _streams = [.. Enumerable.Range(1, 3).Select(number => new Guid(number, 0, 0, new byte[8]))];
    private readonly ConcurrentDictionary<Guid, long> _versions = new();
    private readonly ConcurrentDictionary<Guid, bool> _busy = new();
    private readonly ConcurrentBag<string> _wrongs = [];

    [Fact]
    public async Task Commands_from_many_threads_are_answered_once_and_in_order()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var combiner = new Combiner<Product>(
            _ => AttemptAsync, new DatabaseHistory(), new ConflictOptions { CommandsPerCommitMax = 5, WaitMax = TimeSpan.FromMinutes(5) }, TimeProvider.System,
            new ConflictMetrics(services.GetRequiredService<IMeterFactory>()), NullLogger.Instance);

        // With a limit, because who is never answered would wait for ever.
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(combiner, caller)))).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Empty(_wrongs);
        Assert.Equal(Callers * CommandsEach, _versions.Values.Sum());
        Assert.Equal((0, 0), (combiner.Waiting, combiner.Lines));
    }

    private async Task CallAsync(Combiner<Product> combiner, int caller)
    {
        var last = new Dictionary<Guid, long>();
        for (var number = 0; number < CommandsEach; number++)
        {
            var stream = _streams[(caller + number) % _streams.Length];
            if (number % 10 == 0)
            {
                using var turn = await combiner.EnterAsync(stream);
                await WorkAsync(stream, () => _versions.AddOrUpdate(stream, 1, (_, version) => version + 1));
                continue;
            }

            var context = new CommandContext("user", new Guid(caller, (short)number, 1, new byte[8]), Precondition.None);
            var end = await combiner.FoldAsync(stream, new AdjustStock(stream, 1, "sale", null), context, new Certainty());
            if (end is not Outcome<Product>.Accepted { State.Version: var version } || version <= last.GetValueOrDefault(stream))
            {
                _wrongs.Add($"Caller {caller} was told {end} after version {last.GetValueOrDefault(stream)}.");
                continue;
            }

            last[stream] = version;
        }
    }

    private async Task AttemptAsync(IReadOnlyList<Fold<Product>> folds, bool locked, CancellationToken deadline)
    {
        foreach (var fold in folds)
        {
            await WorkAsync(fold.StreamId, () =>
            {
                foreach (var command in fold.Commands)
                {
                    var version = _versions.AddOrUpdate(fold.StreamId, 1, (_, before) => before + 1);
                    command.End(new Outcome<Product>.Accepted(Example.Product() with { Id = fold.StreamId, Version = version }, []));
                }
            });
        }
    }

    private async Task WorkAsync(Guid stream, Action work)
    {
        if (!_busy.TryAdd(stream, true))
        {
            _wrongs.Add("Two work on one stream at once.");
        }

        await Task.Yield();
        work();
        _busy.TryRemove(stream, out _);
    }
}
