using Inventory.Verification;
using Inventory.Verification.Checking;
using Inventory.Verification.Histories;

namespace Inventory.Tests.Verification;

/// <summary>Histories of one product with a few operations at once: right by construction, or with something changed at random.</summary>
internal static class SmallHistories
{
    private static readonly Guid Product = Guid.AllBitsSet;

    public static History Draw(Dice dice)
    {
        var (operations, log) = Right(dice);
        for (var change = dice.Below(3); change > 0; change--)
        {
            Change(dice, operations, log);
        }

        var last = log.Aggregate(default(ProductState), (state, e) => state.After(e));
        return new History(
            new RunFacts(0, "small", "none", 1, [Product], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch),
            operations, log, new ProjectedTables([last.ShownOf(Product)], []));
    }

    private static (List<Operation>, List<LoggedEvent>) Right(Dice dice)
    {
        var (operations, log, state) = (new List<Operation>(), new List<LoggedEvent>(), default(ProductState));
        Do("0-0", new Request(Act.Create, Product) { Amount = dice.Below(4), Text = "A" }, new Window(0, 1));
        var count = dice.Between(2, 5);
        for (var n = 1; n <= count; n++)
        {
            var at = 10 * n;
            var request = dice.Below(4) switch
            {
                0 => new Request(Act.Read, Product),
                1 => new Request(Act.Rename, Product) { Text = dice.Chance(50) ? "A" : "B", IfMatch = Math.Max(1, state.Version - dice.Below(2)) },
                _ => new Request(Act.Adjust, Product) { Amount = dice.Of([-3, -2, -1, 1, 2]) },
            };
            Do($"{n}-0", request, new Window(Math.Max(2, at - dice.Below(25)), at + dice.Below(25)));
        }

        var read = new Reply(End.Ok, 200) { Shown = [state.ShownOf(Product)] };
        operations.Add(new Operation("9-0", Operation.FinalReader, new Request(Act.Read, Product), [new Attempt(0, 1_000, 1_001, read)]));
        return (operations, log);

        void Do(string id, Request request, Window window)
        {
            var lost = request.Writes && dice.Chance(15) && request.Act != Act.Create;
            if (lost && dice.Chance(50))
            {
                operations.Add(Once(id, request, window, new Reply(End.Unknown, 0)));
                return;
            }

            var (e, reply) = Answer(id, request, state);
            if (e is not null)
            {
                log.Add(e);
                state = state.After(e);
            }

            operations.Add(Once(id, request, window, lost ? new Reply(End.Unknown, 0) : reply));
        }
    }

    /// <summary>What the rules say, with the event if there is one.</summary>
    public static (LoggedEvent? Event, Reply Reply) Answer(string id, Request request, ProductState state)
    {
        var e = new LoggedEvent(state.Version + 1, request.Product, state.Version + 1, LoggedEvent.Created, id, new Guid((int)state.Version, 0, 0, new byte[8]))
        {
            Amount = request.Amount,
            Text = request.Text,
        };
        switch (request)
        {
            case { Act: Act.Read }:
                return (null, new Reply(End.Ok, 200) { Shown = [state.ShownOf(request.Product)] });
            case { IfMatch: { } asked } when asked != state.Version:
                return (null, new Reply(End.Refused, 412) { Problem = "version-conflict", Shown = [state.ShownOf(request.Product)] });
            case { Act: Act.Adjust } when state.Available + request.Amount < 0:
                return (null, new Reply(End.Refused, 422)
                {
                    Problem = "insufficient-stock",
                    Grounds = [new Ground(request.Product, state.Version, state.Available, -request.Amount)],
                });
        }

        e = e with { Type = request.Act switch { Act.Create => LoggedEvent.Created, Act.Rename => LoggedEvent.Renamed, _ => LoggedEvent.Adjusted } };
        return (e, new Reply(End.Ok, 200) { Shown = [state.After(e).ShownOf(request.Product)] });
    }

    private static void Change(Dice dice, List<Operation> operations, List<LoggedEvent> log)
    {
        // Neither the creation nor the last read, without which the run would be incomplete.
        var at = dice.Between(1, operations.Count - 2);
        var operation = operations[at];
        var (attempt, reply) = (operation.Attempts[0], operation.Attempts[0].Reply!);
        switch (dice.Below(8))
        {
            case 0 or 1:
                var later = dice.Between(1, 60);
                operations[at] = operation with { Attempts = [attempt with { Began = attempt.Began + later, Ended = attempt.Ended + later }] };
                break;
            case 2:
                operations[at] = operation with { Attempts = [attempt with { Ended = Math.Max(attempt.Began, attempt.Ended - dice.Below(30)) }] };
                break;
            case 3 when reply.Shown is [var shown]:
                Reply(reply with { Shown = [shown with { Version = shown.Version + dice.Of([-1, 1]) }] });
                break;
            case 4 when reply.Shown is [var shown]:
                Reply(reply with { Shown = [shown with { OnHand = shown.OnHand + 1, Available = shown.Available + 1 }] });
                break;
            case 5 when reply.Grounds is [var ground]:
                Reply(reply with { Grounds = [ground with { Version = Math.Max(1, ground.Version + dice.Of([-1, 1])) }] });
                break;
            case 6 when log.Count > 2:
                var moved = dice.Between(1, log.Count - 2);
                var (first, second) = (log[moved], log[moved + 1]);
                log[moved] = second with { Version = first.Version, Sequence = first.Sequence };
                log[moved + 1] = first with { Version = second.Version, Sequence = second.Sequence };
                break;
            case 7 when log.Count > 1:
                log.RemoveAt(log.Count - 1);
                break;
        }

        void Reply(Reply changed) => operations[at] = operation with { Attempts = [attempt with { Reply = changed }] };
    }

    private static Operation Once(string id, Request request, Window window, Reply reply) =>
        new(id, id[0] - '0', request, [new Attempt(0, window.Began, window.Ended, reply)]);

    private sealed record Window(long Began, long Ended);
}
