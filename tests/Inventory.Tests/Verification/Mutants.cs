using Inventory.Verification;
using Inventory.Verification.Checking;
using Inventory.Verification.Histories;

namespace Inventory.Tests.Verification;

/// <summary>Ways to make a right history wrong, each with the invariant that it breaks.</summary>
internal sealed class Mutants(History history, Dice dice)
{
    public static IReadOnlyDictionary<string, (int Invariant, Func<Mutants, History> Mutate)> All { get; } = new Dictionary<string, (int, Func<Mutants, History>)>
    {
        ["a lost update"] = (1, m => m.Without(m.Event(Act.Adjust))),
        ["a gap in the versions"] = (2, m => m.Log(log => log.Remove(m.History.Log.First(e => e.Version == 2)))),
        ["a version that is there twice"] = (2, m => m.Log(log => log.Add(m.Event(Act.Adjust)))),
        ["stock below zero"] = (3, m => m.Append(m.Event(Act.Adjust) with { Actor = "nobody", Amount = -1_000_000 })),
        ["an event that nobody asked for"] = (4, m => m.Append(m.Event(Act.Adjust) with { Actor = "nobody" })),
        ["a sale by the service itself"] = (4, m => m.Append(m.Event(Act.Adjust) with { Actor = LoggedEvent.System })),
        ["an event with other data than was asked for"] = (4, m => m.With(m.Event(Act.Adjust), e => e with { Amount = e.Amount + 1 })),
        ["a command at two versions"] = (4, m => m.Log(log => log.Add(m.Next(m.Event(Act.Adjust)) with { Command = m.Event(Act.Adjust).Command }))),
        ["a refusal that left an event"] = (5, m => m.Append(m.Event(Act.Adjust) with { Actor = m.Last(Act.Adjust, Fate.Refused).Id, Product = m.Last(Act.Adjust, Fate.Refused).Request.Product })),
        ["an attempt that wrote and was told that nothing was written"] = (5, m => m.First("unavailable")),
        ["a condition that failed because of the command itself"] = (5, m => m.OwnConflict()),
        ["a key that is said to be another request's"] = (6, m => m.Again(a => a with { Reply = new Reply(End.Refused, 422) { Problem = "idempotency-key-reused" } })),
        ["a request that is said to be under way and is not"] = (6, m => m.Again(
            a => a with { Began = a.Ended + 1, Ended = a.Ended + 2, Reply = new Reply(End.Refused, 409) { Problem = "request-in-flight" } })),
        ["another answer to the same request"] = (6, m => m.Again(attempt => attempt with { Reply = attempt.Reply! with { Body = "other" } })),
        ["another status for the same request"] = (6, m => m.Again(attempt => attempt with { Reply = attempt.Reply! with { Status = 202 } })),
        ["another request under the same key"] = (6, m => m.Again(attempt => attempt with { OtherBody = true })),
        ["a wrong quantity in an answer"] = (7, m => m.Show(m.Last(Act.Adjust), shown => shown with { OnHand = shown.OnHand + 1 })),
        ["a wrong version in an answer"] = (7, m => m.Show(m.Last(Act.Rename), shown => shown with { Version = shown.Version - 1 })),
        ["two changes in another order than answered"] = (7, m => m.Swapped()),
        ["a read of what never was"] = (8, m => m.Show(m.Last(Act.Read), shown => shown with { Reserved = shown.Reserved + 1 })),
        ["a read of a version that never was"] = (8, m => m.Show(m.Last(Act.Read), shown => shown with { Version = 1_000_000 })),
        ["a refusal for stock that was there"] = (8, m => m.Ground((ground, _) => ground with { Available = ground.Available + 1 })),
        ["a refusal that is true of another version"] = (8, m => m.Ground((ground, states) => ground with { Version = states.First(state => state.Version > 0 && state.Available != ground.Available).Version })),
        ["a conflict where nothing clashes"] = (8, m => m.Ask(m.Conflict(409), (request, shown) => request with { Seen = shown.Version })),
        ["a failed condition that held"] = (8, m => m.Ask(m.Conflict(412), (request, shown) => request with { IfMatch = shown.Version })),
        ["a clash that was overlooked"] = (8, m => m.Ask(m.Merged(), (request, _) => request with { Seen = 1 })),
        ["a condition that was overlooked"] = (8, m => m.Ask(m.Last(Act.Count), (request, _) => request with { IfMatch = request.IfMatch - 1 })),
        ["a condition that was overlooked, and nobody was told"] = (8, m => new Mutants(m.Ask(m.Last(Act.Count), (request, _) => request with { IfMatch = request.IfMatch - 1 }), m.Dice).Unanswered(Act.Count)),
        ["a sale of what is out of the range"] = (8, m => m.Without(m.Event(Act.Reinstate))),
        ["a product that comes back and was not away"] = (8, m => m.Without(m.Event(Act.Discontinue))),
        ["a refusal because of a range that it is in"] = (8, m => m.Reply(m.Discontinued(), reply => reply with { Grounds = [reply.Grounds[0] with { Version = 1 }] })),
        ["a refusal after something that it clashes with"] = (8, m => m.Ask(m.Last(Act.Reinstate), (request, shown) => request with { IfMatch = null, Seen = shown.Version - 2 })),
        ["a stale read"] = (9, m => m.Stale()),
        ["an answer before its time"] = (9, m => m.Change(m.Last(Act.Adjust), attempt => attempt with { Began = 0, Ended = 1 })),
        ["an answer after its time"] = (9, m => m.Change(m.Last(Act.Adjust), attempt => attempt with { Began = 1L << 40, Ended = 1L << 41 })),
        ["a refusal before its time"] = (9, m => m.Change(m.Last(Act.Adjust, Fate.Refused), attempt => attempt with { Began = 0, Ended = 1 })),
        ["a client that is shown what was before"] = (10, m => m.Stale()),
        ["a list without one's own write"] = (10, m => m.Ask(m.Last(Act.List), (request, _) => request with { Seen = 1_000_000 })),
        ["a wrong row"] = (11, m => m.Show(m.Last(Act.List), shown => shown with { OnHand = shown.OnHand + 1 })),
        ["an old list that says it is up to date"] = (11, m => m.OldList(lag => lag with { UpToDate = true })),
        ["an old list that says it is younger"] = (11, m => m.OldList(lag => lag with { Milliseconds = 1 })),
        ["an old list that says it has everything"] = (11, m => m.OldList(lag => lag with { AsOf = lag.Head })),
        ["a projection that stays behind"] = (12, m => m.Tables(tables => tables with { List = [.. tables.List.Skip(1), tables.List[0] with { Version = tables.List[0].Version - 1 }] })),
        ["a projection that leaves a product out"] = (12, m => m.Tables(tables => tables with { List = [.. tables.List.Skip(1)] })),
        ["a reservation that is another in the table"] = (12, m => m.Tables(tables => tables with { Reservations = [.. tables.Reservations.Skip(1), tables.Reservations[0] with { Status = "Expired" }] })),
        ["a node that stays behind"] = (12, m => m.Show(m.History.Operations[^1], shown => shown with { Version = 1 })),
        ["a double effect"] = (13, m => m.Append(m.Event(Act.Adjust))),
        ["a double effect, and nobody was told"] = (13, m => new Mutants(m.Append(m.Event(Act.Adjust)), m.Dice).Unanswered(Act.Adjust)),
        ["half an order"] = (14, m => m.Without(m.Event(Act.Order))),
        ["orders that products disagree about"] = (14, m => m.Disagreeing()),
        ["a reservation that is closed twice"] = (14, m => m.Append(m.Event(Act.Release) with { Type = LoggedEvent.Expired, Actor = LoggedEvent.System })),
        ["a reservation that is closed in part"] = (14, m => m.With(m.Event(Act.Release), e => e with { Amount = e.Amount + 1 })),
        ["a fact that nobody was told"] = (15, m => m.History with { Delivered = [.. m.History.Delivered!.Skip(1)] }),
        ["a fact that did not happen"] = (15, m => m.History with { Delivered = [.. m.History.Delivered!, "something"] }),
        ["one who waits because of another"] = (17, m => m.Beside(took: 2_000_000)),
        ["one who is turned away because of another"] = (17, m => m.Beside(took: -1)),
        ["a place that was not given back"] = (18, m => m.Facts(run => run with { Held = [new Held("inventory.commands.waiting", 0, 1)] })),
        ["an answer after its deadline"] = (19, m => m.Late()),
        ["a product that takes no commands any more"] = (19, m => m.Frozen()),
        ["a write that a set back database had, and has not"] = (1, m => m.SetBack(copied: true)),
        ["a read of what was lost when the database was set back"] = (8, m => m.SetBack(copied: false)),
        ["an event that a follower was not told"] = (16, m => m.Told(told => told.RemoveAt(told.Count / 2))),
        ["an event that a follower was told twice"] = (16, m => m.Told(told => told.Insert(told.Count / 2, told[told.Count / 2]))),
        ["events that a follower was told in another order"] = (16, m => m.Told(told => told.Reverse(told.Count / 2, 2))),
        ["a follower that stays behind"] = (16, m => m.Told(told => told.RemoveAt(told.Count - 1))),
        ["a reservation that never ends"] = (15, m => m.History with { Run = m.History.Run with { Ended = DateTimeOffset.UnixEpoch.AddYears(200) } }),
    };

    private History History => history;

    private Dice Dice => dice;

    /// <summary>The last operation of a kind before the end, so that much comes before it and something after.</summary>
    private Operation Last(Act act, Fate fate = Fate.Accepted) => history.Operations
        .Where(operation => operation.Request.Act == act && operation.Fate == fate && operation is { Client: not Operation.FinalReader, Attempts: [{ Reply.End: not End.Unknown }] })
        .Reverse().Skip(5).First();

    private Operation Conflict(int status) => history.Operations.Last(operation => operation.Attempts is [{ Reply: { Problem: "version-conflict" } reply }] && reply.Status == status);

    private Operation Discontinued() => history.Operations.First(operation => operation.Attempts is [{ Reply.Problem: "product-discontinued" }]);

    private Operation Merged() => history.Operations.Last(operation => operation is { Request: { Act: Act.Rename, Seen: not null }, Fate: Fate.Accepted });

    private LoggedEvent Event(Act act) => history.Log.First(e => e.Actor == Last(act).Id);

    private List<ProductState> States(Guid product)
    {
        var states = new List<ProductState> { default };
        foreach (var e in history.Log.Where(e => e.Product == product).OrderBy(e => e.Version))
        {
            states.Add(states[^1].After(e));
        }

        return states;
    }

    private History Log(Action<List<LoggedEvent>> change)
    {
        var log = history.Log.ToList();
        change(log);
        return history with { Log = log };
    }

    private History With(LoggedEvent e, Func<LoggedEvent, LoggedEvent> change) => Log(log => log[log.IndexOf(e)] = change(e));

    /// <summary>As if it had never been written, and everything after it had.</summary>
    private History Without(LoggedEvent e) => history with
    {
        Log = [.. history.Log.Where(other => other != e).Select(other => other.Product == e.Product && other.Version > e.Version ? other with { Version = other.Version - 1 } : other)],
    };

    private LoggedEvent Next(LoggedEvent e) => e with
    {
        Sequence = history.Log.Count + 1,
        Version = history.Log.Count(other => other.Product == e.Product) + 1,
        Command = dice.Id(),
    };

    private History Append(LoggedEvent e) => Log(log => log.Add(Next(e)));

    private History Replace(Operation operation, Operation by) =>
        history with { Operations = [.. history.Operations.Select(other => ReferenceEquals(other, operation) ? by : other)] };

    private History Change(Operation operation, Func<Attempt, Attempt> change) => Replace(operation, operation with { Attempts = [change(operation.Attempts[0])] });

    private History Reply(Operation operation, Func<Reply, Reply> change) => Change(operation, attempt => attempt with { Reply = change(attempt.Reply!) });

    private History Show(Operation operation, Func<Shown, Shown> change) => Reply(operation, reply => reply with { Shown = [change(reply.Shown[0]), .. reply.Shown.Skip(1)] });

    private History Ask(Operation operation, Func<Request, Shown, Request> change) =>
        Replace(operation, operation with { Request = change(operation.Request, operation.Answered?.Reply?.Shown[0] ?? operation.Attempts[0].Reply!.Shown[0]) });

    private History Unanswered(Act act) => Reply(Last(act), _ => new Reply(End.Unknown, 0));

    /// <summary>The first attempt of a command that was done, and had to be sent twice, gets an answer.</summary>
    private History First(string problem) => Attempt(Repeated(), 0, attempt => attempt with { Reply = new Reply(End.Refused, 503) { Problem = problem } });

    /// <summary>One more attempt, by another node, is told of a conflict with what the command itself wrote.</summary>
    private History OwnConflict()
    {
        var operation = Last(Act.Count);
        var answered = operation.Answered!;
        var conflict = new Reply(End.Refused, 412) { Problem = "version-conflict", Shown = answered.Reply!.Shown };
        return Replace(operation, operation with { Attempts = [.. operation.Attempts, answered with { Node = answered.Node + 1, Reply = conflict }] });
    }

    private History Facts(Func<RunFacts, RunFacts> change) => history with { Run = change(history.Run) };

    /// <summary>Somebody who looks on reads for a tenth of a millisecond, and so long while there is a nuisance; below zero for ever.</summary>
    private History Beside(long took)
    {
        var read = history.Operations.Last(operation => operation is { Request.Act: Act.Read, Client: not Operation.FinalReader });
        var (id, attempt) = (new Operation("901-1", Phase.FirstOnlooker, read.Request, []), read.Attempts[0]);
        var end = attempt.Began + 100;
        var slow = took < 0
            ? new Attempt(0, end + 1, end + 2, new Reply(End.Refused, 503) { Problem = "overloaded" })
            : new Attempt(0, end + 1, end + 1 + took, new Reply(End.Unknown, 0));
        return history with
        {
            Operations = [.. history.Operations, id with { Attempts = [attempt with { Ended = end, Reply = new Reply(End.Refused, 422) }] }, id with { Id = "901-2", Attempts = [slow] }],
            Run = history.Run with { Phases = [new Phase(Phase.Quiet, 0, end), new Phase("a nuisance", end, end + 10)] },
        };
    }

    /// <summary>A command takes a minute while the database stands still.</summary>
    private History Late()
    {
        var operation = Last(Act.Adjust);
        var still = new FaultSpan("stand-still", null, operation.Began, operation.Began + 10_000_000);
        return new Mutants(Facts(run => run with { Spans = [still] }), dice).Change(operation, attempt => attempt with { Ended = attempt.Began + 60_000_000 });
    }

    private History Frozen() => history with
    {
        Operations =
        [
            .. history.Operations,
            new Operation("x-1", Operation.FinalWriter, new Request(Act.Adjust, history.Run.Products[0]), [new Attempt(0, 1L << 41, (1L << 41) + 1, new Reply(End.Refused, 503) { Problem = "unavailable" })]),
        ],
    };

    /// <summary>
    /// The database is set back in the middle to a copy of that time. Then a write that was acknowledged before the copy is missing, or somebody is shown what
    /// was written after it.
    /// </summary>
    private History SetBack(bool copied)
    {
        var product = history.Run.Products[0];
        var lost = history.Log.Where(e => e.Product == product).ToList();
        var at = history.Operations.Max(operation => operation.Attempts.Max(attempt => attempt.Ended == Inventory.Verification.Histories.Attempt.Never ? 0 : attempt.Ended)) + 10;
        var log = history.Log.Where(e => e.Product != product || e.Version < lost.Count).ToList();
        var shown = States(product)[copied ? lost.Count - 1 : lost.Count].ShownOf(product);
        return history with
        {
            Log = log,
            Lost = [new LostHistory(history.Log, [])],
            Operations = [.. history.Operations, new Operation("z-1", 77, new Request(Act.Read, product), [new Attempt(0, at + 10, at + 11, new Reply(End.Ok, 200) { Shown = [shown] })])],
            Run = history.Run with { SetBacks = [new SetBack(copied ? at : 0, at, at + 1)] },
        };
    }

    private Operation Repeated() => history.Operations.Last(operation => operation is { Request.Act: Act.Adjust, Fate: Fate.Accepted, Attempts.Count: 2 });

    private History Attempt(Operation operation, int number, Func<Attempt, Attempt> change) =>
        Replace(operation, operation with { Attempts = [.. operation.Attempts.Select((attempt, at) => at == number ? change(attempt) : attempt)] });

    /// <summary>One more attempt, with an answer that is not the first one's.</summary>
    private History Again(Func<Attempt, Attempt> change)
    {
        var operation = Last(Act.Adjust);
        return Replace(operation, operation with { Attempts = [operation.Attempts[0], change(operation.Attempts[0])] });
    }

    private History Ground(Func<Ground, IReadOnlyList<ProductState>, Ground> change)
    {
        var operation = history.Operations.Last(operation => operation is { Request.Act: Act.Adjust, Attempts: [{ Reply.Problem: "insufficient-stock" }] });
        return Reply(operation, reply => reply with { Grounds = [change(reply.Grounds[0], States(operation.Request.Product))] });
    }

    /// <summary>A client reads what it wrote, and is shown what was there before.</summary>
    private History Stale()
    {
        var product = history.Run.Products[0];
        var read = history.Operations.Last(operation => operation is { Request.Act: Act.Read, Client: not Operation.FinalReader } && operation.Request.Product == product);
        return Show(read, _ => States(product)[1].ShownOf(product));
    }

    private History Swapped()
    {
        var acknowledged = history.Operations.Where(operation => operation.Fate == Fate.Accepted).Select(operation => operation.Id).ToHashSet();
        var stream = history.Log.Where(e => e.Product == history.Run.Products[0]).Skip(5).ToList();
        var at = Enumerable.Range(0, stream.Count - 1).First(i => acknowledged.Contains(stream[i].Actor) && acknowledged.Contains(stream[i + 1].Actor));
        var (first, second) = (stream[at], stream[at + 1]);
        return Log(log =>
        {
            log[log.IndexOf(first)] = second with { Version = first.Version, Sequence = first.Sequence };
            log[log.IndexOf(second)] = first with { Version = second.Version, Sequence = second.Sequence };
        });
    }

    private History Disagreeing()
    {
        var product = history.Run.Products[^1];
        var orders = history.Operations.Where(operation => operation.Request.Act == Act.Order).Select(operation => operation.Id).ToHashSet();
        var events = history.Log.Where(e => e.Product == product && orders.Contains(e.Actor)).ToList();
        var (first, second) = (events[0], events[^1]);
        return Log(log =>
        {
            log[log.IndexOf(first)] = first with { Actor = second.Actor, Command = second.Command };
            log[log.IndexOf(second)] = second with { Actor = first.Actor, Command = first.Command };
        });
    }

    /// <summary>The last list shows what was half a run ago.</summary>
    private History OldList(Func<StatedLag, StatedLag> say)
    {
        var asOf = history.Log.Count / 2;
        var rows = history.Run.Products.Select(product =>
            States(product)[history.Log.Count(e => e.Product == product && e.Sequence <= asOf)].ShownOf(product)).ToList();
        return Reply(Last(Act.List), reply => reply with { Shown = rows, Lag = say(new StatedLag(false, asOf, reply.Lag!.Head, reply.Lag.Head - asOf, 1_000_000)) });
    }

    private History Told(Action<List<ToldEvent>> change)
    {
        var told = history.Followers[0].ToList();
        change(told);
        return history with { Followers = [told] };
    }

    private History Tables(Func<ProjectedTables, ProjectedTables> change) => history with { Tables = change(history.Tables) };
}
