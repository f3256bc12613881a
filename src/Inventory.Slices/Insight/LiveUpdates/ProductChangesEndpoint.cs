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
    private const int EventsReadAtOnce = 500;

    [WolverineGet("/products/{product}/changes")]
    [Shows("Follow a product's changes as they happen (server-sent events)", typeof(string), nameof(ProblemTypes.ProductNotFound), nameof(ProblemTypes.Overloaded), MediaType = EventStream.MediaType)]
    public static async Task<IResult> Get(
        string product, HttpContext http, ProductPast past, ProductAddresses addresses, ProductWatch watch, LiveReaders readers, CancellationToken cancellation)
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

        if (await past.NowAsync(address.Id, cancellation) is not { } now)
        {
            return Problem.ProductNotFound(product);
        }

        return new LiveAnswer(readers, (stream, end) => FollowAsync(stream, now, last, past, watch, end));
    }

    private static async Task FollowAsync(EventStream stream, Product now, long? seen, ProductPast past, ProductWatch watch, CancellationToken end)
    {
        using var watched = watch.Watch(now.Id);
        // What is not from here, such as a version of a database that was set back, is as good as nothing.
        var last = seen <= now.Version ? seen.Value : now.Version;
        if (last != seen)
        {
            // A reader that is cut off before the first change comes back with this.
            await stream.AddAsync(last, "open", new { productId = now.Id, version = last }, end);
        }

        while (true)
        {
            var next = watched.Changed.Next;
            now = (await past.NowAsync(now.Id, end))!;
            while (last < now.Version)
            {
                var top = await past.AtVersionAsync(now, Math.Min(now.Version, last + EventsReadAtOnce), end);
                foreach (var (e, after) in Enumerable.Reverse(await past.BackFromAsync(top, (int)(top.Version - last), end)))
                {
                    await stream.AddAsync(e.Version, e.EventType.Name, ChangeItem.Of(e, Product.Describe(e.Data, after)), end);
                }

                last = top.Version;
            }

            await stream.FlushAsync(end);
            await stream.WaitAsync(next, end);
        }
    }
}
