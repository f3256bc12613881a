using System.Security.Cryptography;
using System.Text;

namespace Inventory.Verification.Histories;

/// <summary>How an operation ended, all its attempts taken together.</summary>
internal enum Fate
{
    /// <summary>Acknowledged: it has an effect.</summary>
    Accepted,

    /// <summary>Refused: it has none.</summary>
    Refused,

    /// <summary>It may have one, or not.</summary>
    Unknown,
}

/// <summary>
/// One thing that a client wanted, under one idempotency key, and how often it asked. Its id is the actor of the requests, so the
/// events say whose they are.
/// </summary>
/// <param name="Id">Client and number, such as <c>3-17</c>.</param>
/// <param name="Client">The client.</param>
/// <param name="Request">What it wanted.</param>
/// <param name="Attempts">Each request that was sent, in the order they were sent in. One or more.</param>
internal sealed record Operation(string Id, int Client, Request Request, IReadOnlyList<Attempt> Attempts)
{
    /// <summary>The client that reads everything when the faults are over.</summary>
    public const int FinalReader = -1;

    /// <summary>The client that changes everything once more when the faults are over.</summary>
    public const int FinalWriter = -2;

    /// <summary>Whether the network delivered a request of it twice. What the one was answered says nothing of the other then, unless it is kept.</summary>
    public bool SentTwice { get; init; }

    /// <summary>
    /// The trace that an attempt's request begins (W3C Trace Context, section 3.2.2.3). The service keeps it with the event,
    /// so an event says not only whose it is, but which request wrote it.
    /// </summary>
    public static string TraceOf(string operation, int attempt) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{operation}/{attempt}")).AsSpan(0, 16));

    /// <summary>When it was first sent.</summary>
    public long Began => Attempts[0].Began;

    /// <summary>The first answer that ended the matter.</summary>
    public Attempt? Answered
    {
        get
        {
            Attempt? first = null;
            foreach (var attempt in Attempts)
            {
                first = attempt is { OtherBody: false, Reply.IsKept: true } && (first is null || attempt.Ended < first.Ended) ? attempt : first;
            }

            return first;
        }
    }

    /// <summary>How it ended.</summary>
    public Fate Fate => Answered switch
    {
        { Reply.End: End.Ok } => Fate.Accepted,
        not null => Fate.Refused,
        // An answer that keeps nothing speaks for its own attempt only; one that got none may still be under way.
        null => !SentTwice && Attempts.All(attempt => attempt.Reply is { End: End.Refused }) ? Fate.Refused : Fate.Unknown,
    };
}

/// <summary>One request and what came of it. Times are microseconds since the run began, by one clock.</summary>
/// <param name="Node">The node it was sent to, from 0.</param>
/// <param name="Began">Before it was sent.</param>
/// <param name="Ended">After the answer was read, or the client gave up; never when the runner died first.</param>
/// <param name="Reply">What came back.</param>
/// <param name="OtherBody">Whether it asked for something else under the same key, to see that refused.</param>
internal sealed record Attempt(int Node, long Began, long Ended, Reply? Reply, bool OtherBody = false)
{
    /// <summary>When there was no end.</summary>
    public const long Never = long.MaxValue;

    /// <summary>Which of the operation's attempts it is, when some of them are left out; null: that in whose place it stands.</summary>
    public int? Number { get; init; }
}
