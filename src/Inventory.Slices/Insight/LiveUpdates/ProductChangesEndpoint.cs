using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Wolverine.Http;

namespace Inventory.Slices.Insight;

/// <summary>
/// Follows one product's changes. An event's id is the product's version, so a reader that comes back, to whichever node, gets what it has not seen:
/// every version once, in order.
/// </summary>
public static class ProductChangesEndpoint
{
    [WolverineGet("/products/{product}/changes")]
    [Shows("Follow a product's changes as they happen (server-sent events)", typeof(string), nameof(ProblemTypes.ProductNotFound), nameof(ProblemTypes.Overloaded), MediaType = EventStream.MediaType)]
    public static async Task<IResult> Get(
        string product, HttpContext http, ProductReads products, ProductAddresses addresses, FollowedProducts followed, LiveReaders readers,
        CancellationToken cancellation)
    {
        if (!LiveAnswer.IsLastEventId(http.Request.Headers, out var last))
        {
            return Problem.Malformed($"{LiveAnswer.LastEventId} is the id of the last event you have, a version.");
        }

        var address = await addresses.ResolveAsync(product, cancellation);
        if (address.Problem is { } problem)
        {
            return problem;
        }

        if (await products.ReadAsync(address.Id, cancellation) is not { } now)
        {
            return Problem.ProductNotFound(product);
        }

        return new LiveAnswer(readers, (stream, end) => FollowAsync(stream, now, last, followed, end));
    }

    private static async Task FollowAsync(EventStream stream, Product now, long? seen, FollowedProducts followed, CancellationToken end)
    {
        using var following = followed.Follow(now);
        // What is not from here, such as a version of a database that was set back, is as good as nothing.
        var last = seen <= now.Version ? seen.Value : now.Version;
        if (last != seen)
        {
            // A reader that is cut off before the first change comes back with this.
            await stream.AddAsync(last, "open", new { productId = now.Id, version = last }, end);
        }

        while (true)
        {
            var next = following.Changed;
            while (await following.AfterAsync(last, end) is { Count: > 0 } changes)
            {
                foreach (var change in changes)
                {
                    await stream.AddAsync(change.Version, change.Event, change, end);
                }

                last = changes[^1].Version;
            }

            await stream.FlushAsync(end);
            await stream.WaitAsync(next, end);
        }
    }
}
