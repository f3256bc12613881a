using Inventory.Slices.Hosting;
using Wolverine.Http;

namespace Inventory.Slices.Insight;

/// <summary>
/// Follows the changes of all products, in the order of the store's sequence, as soon as the product list has them. An event's id is that sequence
/// number; a reader that comes back with it, to whichever node, misses nothing and gets nothing twice.
/// </summary>
public static class ChangesEndpoint
{
    [WolverineGet("/changes")]
    [Shows("Follow the changes of all products as they happen (server-sent events)", typeof(string), nameof(ProblemTypes.Overloaded), MediaType = EventStream.MediaType)]
    public static IResult Get(HttpContext http, ChangeFeed feed, LiveReaders readers)
    {
        if (!LiveAnswer.IsLastEventId(http.Request.Headers, out var last))
        {
            return Problem.Malformed($"{LiveAnswer.LastEventId} is the id of the last event you have, a sequence number.");
        }

        return new LiveAnswer(readers, (stream, end) => FollowAsync(stream, last, feed, end));
    }

    private static async Task FollowAsync(EventStream stream, long? seen, ChangeFeed feed, CancellationToken end)
    {
        using var following = feed.Follow();
        var reached = await feed.ReachedAsync(end);
        var last = seen <= reached ? seen.Value : reached;
        if (last != seen)
        {
            await stream.AddAsync(last, "open", new { sequence = last }, end);
        }

        while (true)
        {
            var next = feed.Grown.Next;
            while (await feed.AfterAsync(last, end) is { Count: > 0 } changes)
            {
                foreach (var (sequence, change) in changes)
                {
                    await stream.AddAsync(sequence, change.Event, change, end);
                }

                last = changes[^1].Sequence;
                await stream.FlushAsync(end);
            }

            await stream.FlushAsync(end);
            await stream.WaitAsync(next, end);
        }
    }
}
