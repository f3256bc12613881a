using System.Globalization;

namespace Inventory.Client;

/// <summary>Which state of the product a command was decided on.</summary>
public readonly record struct Seen
{
    private Seen(string? version, string? match) => (SeenVersion, IfMatch) = (version, match);

    /// <summary>Nothing was seen: for commands that make sense on any state, such as a sale.</summary>
    public static Seen Nothing => default;

    internal string? SeenVersion { get; }

    internal string? IfMatch { get; }

    /// <summary>This version. Later changes that do not clash are merged (<c>Seen-Version</c>).</summary>
    public static Seen Version(long version) => new(version.ToString(CultureInfo.InvariantCulture), null);

    /// <summary>This version and no other (<c>If-Match</c>; RFC 9110, section 13.1.1).</summary>
    public static Seen Exactly(long version) => new(null, $"\"{version.ToString(CultureInfo.InvariantCulture)}\"");

    /// <summary>The state that a conflict has shown: the command is applied on top of it.</summary>
    public static Seen In(ConflictAnswer conflict)
    {
        ArgumentNullException.ThrowIfNull(conflict);
        return new(null, conflict.Resubmit.IfMatch);
    }
}
