using System.Globalization;
using Inventory.Verification.Histories;

namespace Inventory.Verification.Running;

/// <summary>
/// Somebody who asks for one thing after another, of whatever node, and asks again under the same key until the matter is settled or not
/// worth it any more.
/// </summary>
internal sealed class Client(int number, Run run, Dice dice, IReadOnlyList<HttpClient> nodes, HistoryWriter history)
{
    private const int AttemptsMax = 10;

    private readonly ClientMemory _memory = new();
    private int _operations;

    /// <summary>Asks for things until the run has had enough.</summary>
    public async Task RunAsync(Workload workload, IReadOnlyList<Guid> products)
    {
        while (run.TakeTurn())
        {
            var request = workload.Next(dice, _memory, products, number);
            if (request.Writes && dice.Chance(workload.Everywhere))
            {
                await EverywhereAsync(request);
            }
            else
            {
                await AskAsync(request, dice.Below(nodes.Count));
            }
        }
    }

    /// <summary>Asks one node after the other until there is an answer.</summary>
    public async Task<Reply> AskAsync(Request request, int node, bool hop = true)
    {
        var id = NextId();
        Reply reply;
        for (var attempt = 0; ; attempt++)
        {
            reply = await SendAsync(id, attempt, node, request);
            if (!IsWorthAnother(request, reply) || attempt + 1 == AttemptsMax)
            {
                await LaterAsync(id, attempt + 1, request, reply);
                break;
            }

            run.Latencies.Retry();
            node = hop ? dice.Below(nodes.Count) : node;
            await Task.Delay(dice.Between(10, 100 * (attempt + 1)));
        }

        _memory.Learn(request, reply);
        return reply;
    }

    /// <summary>Asks one node once.</summary>
    public Task<Reply> OnceAsync(Request request, int node) => SendAsync(NextId(), 0, node, request);

    /// <summary>Now and then it asks once more although it was answered, or for something else under the same key.</summary>
    private async Task LaterAsync(string id, int attempt, Request request, Reply reply)
    {
        if (!request.Writes || !reply.IsKept || request.Act == Act.Create)
        {
            return;
        }

        if (dice.Chance(4))
        {
            await SendAsync(id, attempt, dice.Below(nodes.Count), request);
        }
        else if (request.Act == Act.Adjust && dice.Chance(2))
        {
            await SendAsync(id, attempt, dice.Below(nodes.Count), request.Otherwise(), otherBody: true);
        }
    }

    /// <summary>The same request to every node at once.</summary>
    private async Task EverywhereAsync(Request request)
    {
        var id = NextId();
        var begun = nodes.Select((_, node) => (node, t: Invoke(id, node, node, request, false))).ToList();
        var replies = await Task.WhenAll(begun.Select(pair => FinishAsync(id, pair.node, pair.node, request, pair.t)));
        for (var attempt = nodes.Count; !replies.Any(reply => reply.IsKept) && replies.Any(reply => IsWorthAnother(request, reply)) && attempt < AttemptsMax; attempt++)
        {
            await Task.Delay(dice.Between(10, 300));
            replies = [.. replies, await SendAsync(id, attempt, dice.Below(nodes.Count), request)];
        }

        _memory.Learn(request, replies.FirstOrDefault(reply => reply.IsKept) ?? replies[^1]);
    }

    private static bool IsWorthAnother(Request request, Reply reply) =>
        request.Writes && (reply.End == End.Unknown || reply.Status == 503 || reply.Problem == "request-in-flight");

    private Task<Reply> SendAsync(string id, int attempt, int node, Request request, bool otherBody = false) =>
        FinishAsync(id, attempt, node, request, Invoke(id, attempt, node, request, otherBody));

    private long Invoke(string id, int attempt, int node, Request request, bool otherBody)
    {
        var t = run.Now;
        history.Invoke(t, id, attempt, node, request, otherBody);
        return t;
    }

    private async Task<Reply> FinishAsync(string id, int attempt, int node, Request request, long began)
    {
        var reply = await Wire.SendAsync(nodes[node], id, attempt, request, run.Patience);
        var ended = run.Now;
        history.Complete(ended, id, attempt, node, reply);
        run.Latencies.Add(request.Act, ended - began, reply);
        return reply;
    }

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"{number}-{++_operations}");
}
