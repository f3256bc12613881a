using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>How often the interesting cases happened. A green run that met none of them proves little.</summary>
internal sealed record Counters
{
    public int Operations { get; init; }

    public int Events { get; init; }

    public int Accepted { get; init; }

    public int Refused { get; init; }

    /// <summary>Nobody was told, and it had happened.</summary>
    public int UnknownAndDone { get; init; }

    /// <summary>Nobody was told, and it had not.</summary>
    public int UnknownAndNot { get; init; }

    /// <summary>An attempt got no answer, and asking again under the same key settled it.</summary>
    public int SettledByAskingAgain { get; init; }

    /// <summary>Answered from a receipt, by a node that had not been asked before.</summary>
    public int ReplayedByAnotherNode { get; init; }

    /// <summary>Left a product with exactly nothing available.</summary>
    public int DrivenToZero { get; init; }

    /// <summary>Refused because one unit was missing.</summary>
    public int RefusedByOne { get; init; }

    /// <summary>Refused because of what the caller had not seen.</summary>
    public int Conflicts { get; init; }

    /// <summary>Done although others had changed the product since the caller looked.</summary>
    public int Merged { get; init; }

    /// <summary>Reservations that ended by themselves.</summary>
    public int Expired { get; init; }

    /// <summary>Catalogue pages that said they were behind.</summary>
    public int StaleLists { get; init; }

    /// <summary>Nodes that took over the lead from another one.</summary>
    public int Takeovers { get; init; }

    /// <summary>Commands that were decided again because somebody else had been first, without their callers having to care.</summary>
    public int Redone { get; init; }

    /// <summary>Attempts that ended in 500: a defect, if not a wrong history.</summary>
    public int InternalErrors { get; init; }

    /// <summary>Events of which it is known which request wrote them.</summary>
    public int Attributed { get; init; }

    /// <summary>One attempt was told that nothing was written, and another one did it.</summary>
    public int RefusedAndDone { get; init; }

    /// <summary>Adjustments that were sent to several nodes before any had answered.</summary>
    public int AdjustmentsAtOnce { get; init; }

    /// <summary>The same of reorder points.</summary>
    public int ReorderPointsAtOnce { get; init; }

    /// <summary>The same of renames.</summary>
    public int RenamesAtOnce { get; init; }

    /// <summary>The same of reservations.</summary>
    public int ReservationsAtOnce { get; init; }

    /// <summary>The same of orders.</summary>
    public int OrdersAtOnce { get; init; }

    /// <summary>The same of new products.</summary>
    public int CreationsAtOnce { get; init; }

    /// <summary>The same of files.</summary>
    public int ImportsAtOnce { get; init; }

    /// <summary>The same of whatever named a version as a condition.</summary>
    public int IfMatchAtOnce { get; init; }

    /// <summary>The same of whatever named a version that was seen.</summary>
    public int SeenAtOnce { get; init; }

    /// <summary>The same while a node was killed.</summary>
    public int AtOnceUnderKill { get; init; }

    /// <summary>Errors of class 08 (connection exception) that a node met after a commit of its had been lost.</summary>
    public int Errors08AfterDoubt { get; init; }

    /// <summary>Errors of class 25 (invalid transaction state) that a node met after a commit of its had been lost.</summary>
    public int Errors25AfterDoubt { get; init; }

    /// <summary>Errors of class 40 (transaction rollback) that a node met after a commit of its had been lost.</summary>
    public int Errors40AfterDoubt { get; init; }

    /// <summary>Errors of class 53 (insufficient resources) that a node met after a commit of its had been lost.</summary>
    public int Errors53AfterDoubt { get; init; }

    /// <summary>Errors of class 55 (object not in prerequisite state) that a node met after a commit of its had been lost.</summary>
    public int Errors55AfterDoubt { get; init; }

    /// <summary>Errors of class 57 (operator intervention) that a node met after a commit of its had been lost.</summary>
    public int Errors57AfterDoubt { get; init; }

    /// <summary>Errors of class XX (internal error) that a node met after a commit of its had been lost.</summary>
    public int ErrorsXXAfterDoubt { get; init; }

    /// <summary>Requests that were under way while the database stood still, and are held to their deadlines.</summary>
    public int StoodStill { get; init; }

    /// <summary>How often the database was set back.</summary>
    public int SetBacks { get; init; }

    /// <summary>Events that were lost by that, nearly all of them acknowledged.</summary>
    public int LostEvents { get; init; }

    /// <summary>Requests of others while somebody was a nuisance.</summary>
    public int OnlookedAt { get; init; }

    /// <summary>What can be held, and was looked at before the load and after it.</summary>
    public int Held { get; init; }

    /// <summary>How often bystanders in a node threw.</summary>
    public int Thrown { get; init; }

    /// <summary>Messages that had been handled and were delivered once more.</summary>
    public int Redelivered { get; init; }

    public static Counters Of(History history)
    {
        var writes = history.Operations.Where(operation => operation.Request.Writes).Select(operation => (Operation: operation, operation.Answered, operation.Fate)).ToList();
        var unknown = writes.Where(write => write.Fate == Fate.Unknown).Select(write => write.Operation.Id).ToHashSet();
        var done = history.Log.Select(e => e.Actor).Where(unknown.Contains).Distinct().Count();
        var replies = history.Operations.SelectMany(operation => operation.Attempts).Select(attempt => attempt.Reply).OfType<Reply>().ToList();
        var byId = writes.ToDictionary(write => write.Operation.Id, write => write.Operation);
        var atOnce = writes.Where(write => write.Fate == Fate.Accepted && IsAtOnce(write.Operation)).Select(write => write.Operation).ToList();
        var kills = history.Run.Spans.Where(span => span.Fault.StartsWith("kill", StringComparison.Ordinal)).ToList();
        return new Counters
        {
            Operations = history.Operations.Count,
            Events = history.Log.Count,
            Accepted = writes.Count(write => write.Fate == Fate.Accepted),
            Refused = writes.Count(write => write.Fate == Fate.Refused),
            UnknownAndDone = done,
            UnknownAndNot = unknown.Count - done,
            SettledByAskingAgain = writes.Count(write => write.Operation.Attempts[0].Reply is not { End: not End.Unknown } && write.Answered is not null),
            ReplayedByAnotherNode = writes.Count(write => WasReplayedByAnotherNode(write.Operation)),
            DrivenToZero = writes.Count(write => write is { Operation.Request.Amount: < 0, Fate: Fate.Accepted } && write.Answered!.Reply!.Shown.Any(shown => shown.Available == 0)),
            RefusedByOne = replies.Count(reply => reply.Grounds.Any(ground => ground.Requested - ground.Available == 1)),
            Conflicts = replies.Count(reply => reply.Problem == "version-conflict"),
            Merged = writes.Count(write => write is { Operation.Request: { Seen: { } seen, IfMatch: null }, Answered.Reply: { End: End.Ok } reply } && reply.Shown[0].Version > seen + 1),
            Expired = history.Log.Count(e => e.Type == LoggedEvent.Expired),
            StaleLists = replies.Count(reply => reply.Lag is { UpToDate: false }),
            Takeovers = history.Run.Takeovers,
            Redone = history.Run.Redone,
            InternalErrors = replies.Count(reply => reply.Status == 500),
            Errors08AfterDoubt = history.Run.ErrorsAfterDoubt.GetValueOrDefault("08"),
            Errors25AfterDoubt = history.Run.ErrorsAfterDoubt.GetValueOrDefault("25"),
            Errors40AfterDoubt = history.Run.ErrorsAfterDoubt.GetValueOrDefault("40"),
            Errors53AfterDoubt = history.Run.ErrorsAfterDoubt.GetValueOrDefault("53"),
            Errors55AfterDoubt = history.Run.ErrorsAfterDoubt.GetValueOrDefault("55"),
            Errors57AfterDoubt = history.Run.ErrorsAfterDoubt.GetValueOrDefault("57"),
            ErrorsXXAfterDoubt = history.Run.ErrorsAfterDoubt.GetValueOrDefault("XX"),
            StoodStill = DeadlineCheck.Judged(history).Count(),
            SetBacks = history.Run.SetBacks.Count,
            LostEvents = Epochs.Lost(Epochs.Of(history)),
            OnlookedAt = history.Run.Phases.Count == 0 ? 0 : history.Operations.Count(operation => operation.Client >= Phase.FirstOnlooker),
            Held = history.Run.Held.Count,
            Thrown = history.Run.Thrown,
            Redelivered = history.Run.Redelivered,
            Attributed = history.Log.Count(e => byId.TryGetValue(e.Actor, out var operation)
                && Enumerable.Range(0, operation.Attempts.Count).Any(at => e.Trace == Operation.TraceOf(e.Actor, at))),
            RefusedAndDone = writes.Count(write => write.Fate == Fate.Accepted
                && write.Operation.Attempts.Any(attempt => attempt is { OtherBody: false, Reply.End: End.Refused })),
            AdjustmentsAtOnce = atOnce.Count(operation => operation.Request.Act == Act.Adjust),
            ReorderPointsAtOnce = atOnce.Count(operation => operation.Request.Act == Act.ReorderPoint),
            RenamesAtOnce = atOnce.Count(operation => operation.Request.Act == Act.Rename),
            ReservationsAtOnce = atOnce.Count(operation => operation.Request.Act == Act.Reserve),
            OrdersAtOnce = atOnce.Count(operation => operation.Request.Act == Act.Order),
            CreationsAtOnce = atOnce.Count(operation => operation.Request.Act == Act.Create),
            ImportsAtOnce = atOnce.Count(operation => operation.Request.Act == Act.Import),
            IfMatchAtOnce = atOnce.Count(operation => operation.Request.IfMatch is not null),
            SeenAtOnce = atOnce.Count(operation => operation.Request.Seen is not null),
            AtOnceUnderKill = atOnce.Count(operation => kills.Any(span => span.Meets(operation.Began, operation.Answered!.Ended))),
        };
    }

    /// <summary>The sum of several runs.</summary>
    public static Counters operator +(Counters one, Counters other) => new()
    {
        Operations = one.Operations + other.Operations,
        Events = one.Events + other.Events,
        Accepted = one.Accepted + other.Accepted,
        Refused = one.Refused + other.Refused,
        UnknownAndDone = one.UnknownAndDone + other.UnknownAndDone,
        UnknownAndNot = one.UnknownAndNot + other.UnknownAndNot,
        SettledByAskingAgain = one.SettledByAskingAgain + other.SettledByAskingAgain,
        ReplayedByAnotherNode = one.ReplayedByAnotherNode + other.ReplayedByAnotherNode,
        DrivenToZero = one.DrivenToZero + other.DrivenToZero,
        RefusedByOne = one.RefusedByOne + other.RefusedByOne,
        Conflicts = one.Conflicts + other.Conflicts,
        Merged = one.Merged + other.Merged,
        Expired = one.Expired + other.Expired,
        StaleLists = one.StaleLists + other.StaleLists,
        Takeovers = one.Takeovers + other.Takeovers,
        Redone = one.Redone + other.Redone,
        InternalErrors = one.InternalErrors + other.InternalErrors,
        Errors08AfterDoubt = one.Errors08AfterDoubt + other.Errors08AfterDoubt,
        Errors25AfterDoubt = one.Errors25AfterDoubt + other.Errors25AfterDoubt,
        Errors40AfterDoubt = one.Errors40AfterDoubt + other.Errors40AfterDoubt,
        Errors53AfterDoubt = one.Errors53AfterDoubt + other.Errors53AfterDoubt,
        Errors55AfterDoubt = one.Errors55AfterDoubt + other.Errors55AfterDoubt,
        Errors57AfterDoubt = one.Errors57AfterDoubt + other.Errors57AfterDoubt,
        ErrorsXXAfterDoubt = one.ErrorsXXAfterDoubt + other.ErrorsXXAfterDoubt,
        StoodStill = one.StoodStill + other.StoodStill,
        SetBacks = one.SetBacks + other.SetBacks,
        LostEvents = one.LostEvents + other.LostEvents,
        OnlookedAt = one.OnlookedAt + other.OnlookedAt,
        Held = one.Held + other.Held,
        Thrown = one.Thrown + other.Thrown,
        Redelivered = one.Redelivered + other.Redelivered,
        Attributed = one.Attributed + other.Attributed,
        RefusedAndDone = one.RefusedAndDone + other.RefusedAndDone,
        AdjustmentsAtOnce = one.AdjustmentsAtOnce + other.AdjustmentsAtOnce,
        ReorderPointsAtOnce = one.ReorderPointsAtOnce + other.ReorderPointsAtOnce,
        RenamesAtOnce = one.RenamesAtOnce + other.RenamesAtOnce,
        ReservationsAtOnce = one.ReservationsAtOnce + other.ReservationsAtOnce,
        OrdersAtOnce = one.OrdersAtOnce + other.OrdersAtOnce,
        CreationsAtOnce = one.CreationsAtOnce + other.CreationsAtOnce,
        ImportsAtOnce = one.ImportsAtOnce + other.ImportsAtOnce,
        IfMatchAtOnce = one.IfMatchAtOnce + other.IfMatchAtOnce,
        SeenAtOnce = one.SeenAtOnce + other.SeenAtOnce,
        AtOnceUnderKill = one.AtOnceUnderKill + other.AtOnceUnderKill,
    };

    /// <summary>Whether it was sent to several nodes before the first of them had answered.</summary>
    private static bool IsAtOnce(Operation operation)
    {
        if (operation.Attempts.Count < 2)
        {
            return false;
        }

        var first = operation.Attempts.Min(attempt => attempt.Ended);
        return operation.Attempts.Where(attempt => attempt.Began < first).Select(attempt => attempt.Node).Distinct().Skip(1).Any();
    }

    private static bool WasReplayedByAnotherNode(Operation operation) => operation.Attempts.Count > 1 && operation.Attempts.Any(
        attempt => attempt.Reply is { Replayed: true } && operation.Attempts.TakeWhile(other => other != attempt).All(other => other.Node != attempt.Node));
}
