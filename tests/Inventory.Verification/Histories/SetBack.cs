namespace Inventory.Verification.Histories;

/// <summary>
/// The database was set back to a copy of itself, under running nodes. What was written between copy and stop is lost, and another history begins. Times are
/// microseconds since the run began.
/// </summary>
/// <param name="CopyBegan">When the copy was begun: what had been acknowledged by then is in it.</param>
/// <param name="Stopped">When the server began to be stopped: until then it was the old history that answered.</param>
/// <param name="Gone">When it had been stopped, and the copy was not yet there: what began later is of the new history.</param>
internal sealed record SetBack(long CopyBegan, long Stopped, long Gone);

/// <summary>A history that was lost from some point on when the database was set back.</summary>
/// <param name="Log">Its events when it ended.</param>
/// <param name="Followers">What each follower of changes had been told until then.</param>
internal sealed record LostHistory(IReadOnlyList<LoggedEvent> Log, IReadOnlyList<IReadOnlyList<ToldEvent>> Followers);
