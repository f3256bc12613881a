using System.Diagnostics.CodeAnalysis;
using JasperFx;
using Npgsql;

namespace Inventory.Conflicts;

/// <summary>
/// Recognises the exceptions by which Marten and PostgreSQL say "somebody was faster". None of them leaves anything
/// behind: the transaction was rolled back, so deciding again on the newer state is safe.
/// </summary>
public static class LostRace
{
    /// <summary>Raised by Marten's append function when the expected version no longer holds.</summary>
    private const string MartenVersionMismatch = "MT003";

    /// <summary>Whether this exception, or one inside it, means that a race was lost before anything was written.</summary>
    public static bool Is(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                // The base of EventStreamUnexpectedMaxEventIdException: the expected version no longer held at commit.
                case ConcurrencyException:
                // A stream with this id was started by somebody else. Not derived from the above.
                case JasperFx.Events.ExistingStreamIdCollisionException:
                case Marten.Exceptions.ExistingStreamIdCollisionException:
                // Somebody holds the stream's row lock. Not derived from the above either.
                case JasperFx.Events.StreamLockedException:
                case Marten.Exceptions.StreamLockedException:
                // Two transactions waited for each other, or a unique value was taken: the store undid this one whole.
                case PostgresException
                {
                    SqlState: PostgresErrorCodes.UniqueViolation
                    or PostgresErrorCodes.SerializationFailure
                    or PostgresErrorCodes.DeadlockDetected
                    or PostgresErrorCodes.LockNotAvailable
                    or MartenVersionMismatch
                }:
                    return true;
            }
        }

        return false;
    }
}

/// <summary>A command lost races until its deadline. It leaves the message bus in place of the last of them.</summary>
/// <param name="attempts">How many attempts were made, from 1.</param>
/// <param name="lostRace">How the last one ended.</param>
[SuppressMessage("Design", "CA1032", Justification = "Nobody else raises it.")]
internal sealed class RetriesExhaustedException(int attempts, Exception lostRace)
    : Exception($"{attempts} attempts lost their races, until the deadline.", lostRace)
{
    /// <summary>How many attempts were made.</summary>
    public int Attempts { get; } = attempts;
}
