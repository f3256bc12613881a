using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Insight;

namespace Inventory.Tests.Insight;

/// <summary>What is kept for those who follow did not happen in a database that was set back.</summary>
public sealed class LostHistoryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_begins_to_follow_after_a_failover_is_not_told_what_was_lost_with_it()
    {
        var (history, listed, reached, tale) = (new DatabaseHistory(), new Signal(), 1L, "lost");
        using var feed = new ChangeFeed(
            _ => Task.FromResult(reached),
            (after, to, _) => Task.FromResult(Enumerable.Range((int)after + 1, (int)(to - after)).Select(n => ((long)n, Change(n, tale))).ToList()),
            listed, history: history);
        using var following = feed.Follow();
        await GrownAsync(() => feed.StartAsync(Cancellation));
        await GrownAsync(() =>
        {
            reached = 3;
            listed.Raise();
            return Task.CompletedTask;
        });
        tale = "happened";
        Assert.Equal(["lost", "lost"], await TaleAsync());

        history.Met("a promoted server");

        Assert.Equal(["happened", "happened"], await TaleAsync());
        await feed.StopAsync(Cancellation);

        async Task<IEnumerable<string>> TaleAsync() => (await feed.AfterAsync(1, Cancellation)).Select(one => one.Change.Actor);

        async Task GrownAsync(Func<Task> grow)
        {
            var grown = feed.Grown.Next;
            await grow();
            await grown.WaitAsync(Patience, Cancellation);
        }
    }

    private static ChangeItem Change(int version, string actor) => new(Guid.Empty, version, "StockAdjusted", null, actor, default, null);
}
