using Inventory.Verification.Checking;
using Inventory.Verification.Histories;

namespace Inventory.Tests.Verification;

/// <summary>
/// Whether there is any order of the operations that keeps to time, explains every answer, and leaves the log: found by trying all of
/// them (Wing, Gong: Testing and Verifying Concurrent Objects, 1993). It takes the rules only, and none of the checker's thoughts.
/// </summary>
internal sealed class BruteForce(History history)
{
    private readonly IReadOnlyList<Operation> _operations = history.Operations;

    public bool IsLinearizable() => From(default, new bool[_operations.Count]);

    private bool From(ProductState state, bool[] done)
    {
        if (state.Version == history.Log.Count && _operations.Index().All(pair => done[pair.Index] || pair.Item.Attempts[0].Reply!.End == End.Unknown))
        {
            return true;
        }

        for (var i = 0; i < _operations.Count; i++)
        {
            if (done[i] || !MayBeNext(i, done))
            {
                continue;
            }

            var operation = _operations[i];
            var (e, answer) = SmallHistories.Answer(operation.Id, operation.Request, state);
            var reply = operation.Attempts[0].Reply!;
            if ((reply.End != End.Unknown && !Same(answer, reply)) || (e is not null && !IsLogged(e)))
            {
                continue;
            }

            done[i] = true;
            if (From(e is null ? state : state.After(e), done))
            {
                return true;
            }

            done[i] = false;
        }

        return false;
    }

    /// <summary>Nothing that is still to come had ended before it began.</summary>
    private bool MayBeNext(int i, bool[] done)
    {
        for (var other = 0; other < _operations.Count; other++)
        {
            var attempt = _operations[other].Attempts[0];
            if (other != i && !done[other] && attempt.Reply!.End != End.Unknown && attempt.Ended < _operations[i].Began)
            {
                return false;
            }
        }

        return true;
    }

    private bool IsLogged(LoggedEvent e) => e.Version <= history.Log.Count && history.Log[(int)e.Version - 1] is var logged
        && (logged.Version, logged.Type, logged.Actor, logged.Amount, logged.Text) == (e.Version, e.Type, e.Actor, e.Amount, e.Text);

    private static bool Same(Reply expected, Reply reply) =>
        (expected.End, expected.Problem) == (reply.End, reply.Problem) && expected.Shown.SequenceEqual(reply.Shown) && expected.Grounds.SequenceEqual(reply.Grounds);
}
