namespace Inventory.Conflicts;

/// <summary>One conflict, as the conflict log keeps it.</summary>
/// <param name="At">When the command came to its end, UTC.</param>
/// <param name="StreamId">The stream it addressed.</param>
/// <param name="Command">The command's name.</param>
/// <param name="Policy">The command's policy.</param>
/// <param name="ClashingEvent">The first event type that clashed, or of an unseen one that did not; null when only a race was lost.</param>
/// <param name="Escaped">Whether the caller was told; else the policy took care of it.</param>
/// <param name="Attempts">How many attempts it took.</param>
/// <param name="Actor">Who sent the command.</param>
internal sealed record ConflictRecord(
    DateTimeOffset At, Guid StreamId, string Command, Resolve Policy, string? ClashingEvent, bool Escaped, int Attempts, string Actor)
{
    /// <summary>The conflict that a command had on its way to an outcome; null when it had none.</summary>
    public static ConflictRecord? Of<TAggregate>(
        Guid streamId, string command, Resolve policy, CommandContext context, Outcome<TAggregate> outcome, DateTimeOffset now)
    {
        return outcome switch
        {
            Outcome<TAggregate>.Conflicted { Conflict.Unseen.Listed: var unseen } => Record(
                unseen.Where(change => change.Clashes).Concat(unseen).Select(change => change.Event).FirstOrDefault(), escaped: true),
            Outcome<TAggregate>.RetriesExhausted => Record(null, escaped: true),
            Outcome<TAggregate>.Accepted { MergedWith: [var first, ..] } => Record(first.Event, escaped: false),
            Outcome<TAggregate>.Accepted or Outcome<TAggregate>.Refused when outcome.LostRace => Record(null, escaped: false),
            _ => null,
        };

        ConflictRecord Record(string? clashingEvent, bool escaped) =>
            new(now, streamId, command, policy, clashingEvent, escaped, outcome.Attempts, context.Actor);
    }
}
