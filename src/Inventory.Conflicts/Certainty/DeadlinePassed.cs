using System.Diagnostics.CodeAnalysis;

namespace Inventory.Conflicts;

/// <summary>The time to decide a command was over before anything could be committed.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Nobody else raises it.")]
[SuppressMessage("Naming", "CA1710", Justification = "It names what happened.")]
internal sealed class DeadlinePassed() : Exception("The time to decide was over before anything could be committed.")
{
    /// <summary>Whether this exception says so: work that was cut off at its deadline is cancelled or times out.</summary>
    public static bool Is(Exception exception) => exception is DeadlinePassed or TimeoutException or OperationCanceledException;
}
