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

    /// <summary>Attempts that ended in 500: a defect, if not a wrong history.</summary>
    public int InternalErrors { get; init; }

    public static Counters Of(History history)
    {
        var actors = history.Log.Select(e => e.Actor).ToHashSet();
        var writes = history.Operations.Where(operation => operation.Request.Writes).ToList();
        var attempts = history.Operations.SelectMany(operation => operation.Attempts.Select(attempt => (operation, attempt))).Where(pair => pair.attempt.Reply is not null).ToList();
        return new Counters
        {
            Operations = history.Operations.Count,
            Events = history.Log.Count,
            Accepted = writes.Count(operation => operation.Fate == Fate.Accepted),
            Refused = writes.Count(operation => operation.Fate == Fate.Refused),
            UnknownAndDone = writes.Count(operation => operation.Fate == Fate.Unknown && actors.Contains(operation.Id)),
            UnknownAndNot = writes.Count(operation => operation.Fate == Fate.Unknown && !actors.Contains(operation.Id)),
            SettledByAskingAgain = writes.Count(operation => operation.Attempts[0].Reply is not { End: not End.Unknown } && operation.Answered is not null),
            ReplayedByAnotherNode = writes.Count(operation => operation.Attempts.Any(
                attempt => attempt.Reply is { Replayed: true } && operation.Attempts.TakeWhile(other => other != attempt).All(other => other.Node != attempt.Node))),
            DrivenToZero = writes.Count(operation => operation is { Request.Amount: < 0, Fate: Fate.Accepted } && operation.Answered!.Reply!.Shown.Any(shown => shown.Available == 0)),
            RefusedByOne = attempts.Count(pair => pair.attempt.Reply!.Grounds.Any(ground => ground.Requested - ground.Available == 1)),
            Conflicts = attempts.Count(pair => pair.attempt.Reply!.Problem == "version-conflict"),
            Merged = writes.Count(operation => operation is { Request: { Seen: { } seen, IfMatch: null }, Answered.Reply: { End: End.Ok } reply } && reply.Shown[0].Version > seen + 1),
            Expired = history.Log.Count(e => e.Type == LoggedEvent.Expired),
            StaleLists = attempts.Count(pair => pair.attempt.Reply!.Lag is { UpToDate: false }),
            InternalErrors = attempts.Count(pair => pair.attempt.Reply!.Status == 500),
        };
    }
}
