namespace Inventory.Client;

/// <summary>How patient the client is.</summary>
public sealed record InventoryClientOptions
{
    /// <summary>
    /// For how long a command is sent again, while its answer is lost or the service asks to come back. No attempt begins later, so that a call ends after this and
    /// one <see cref="RequestTimeout"/> at the latest. Default 30 seconds.
    /// </summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long one answer is waited for. A command without an answer by then may have taken effect: it is sent again under its key. The service answers commands
    /// within 15 seconds. Default 20 seconds.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a stream of changes may be silent before it is opened anew. The service sends something every 15 seconds. Default 40 seconds.
    /// </summary>
    public TimeSpan StreamSilence { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The pause before the first repetition when the service names none; it doubles each time, with chance. Default 100 ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause when the service names none. Default 2 seconds.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
