namespace Inventory.Client;

/// <summary>How patient the client is.</summary>
public sealed record InventoryClientOptions
{
    /// <summary>For how long a command is sent again, while its answer is lost or the service asks to come back. Default 30 seconds.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before the first repetition when the service names none; it doubles each time, with chance. Default 100 ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause when the service names none. Default 2 seconds.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
