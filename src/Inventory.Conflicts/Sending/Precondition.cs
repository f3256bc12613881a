using System.Globalization;

namespace Inventory.Conflicts;

/// <summary>What the caller says it saw before it decided.</summary>
public abstract record Precondition
{
    private Precondition()
    {
    }

    /// <summary>The caller named no version.</summary>
    public static Precondition None { get; } = new Nothing();

    /// <summary>The caller named no version.</summary>
    public sealed record Nothing : Precondition;

    /// <summary>
    /// <c>If-Match</c> with entity tags: strict, perform only at one of these versions (RFC 9110, section 13.1.1). Tags that
    /// can never match (weak ones, or ones this service never made) are left out, so the list may be empty: then
    /// the condition is false at every version.
    /// </summary>
    public sealed record AtVersion(IReadOnlyList<long> Versions) : Precondition
    {
        /// <inheritdoc/>
        public bool Equals(AtVersion? other) => other is not null && Versions.SequenceEqual(other.Versions);

        /// <inheritdoc/>
        public override int GetHashCode() => Versions.Count;
    }

    /// <summary><c>If-Match: *</c>: perform if there is any current version (RFC 9110, section 13.1.1).</summary>
    public sealed record AnyVersion : Precondition;

    /// <summary>
    /// <c>Seen-Version</c>: "I decided looking at this version". The command's clash rules say whether what came
    /// after it matters.
    /// </summary>
    public sealed record Seen(long Version) : Precondition;

    /// <summary>A form that fits into a message header.</summary>
    internal string ToHeader() => this switch
    {
        AtVersion at => "at " + string.Join(',', at.Versions.Select(v => v.ToString(CultureInfo.InvariantCulture))),
        AnyVersion => "any",
        Seen seen => "seen " + seen.Version.ToString(CultureInfo.InvariantCulture),
        _ => "none",
    };

    /// <summary>Reads <see cref="ToHeader"/> back.</summary>
    internal static Precondition FromHeader(string? header) => header?.Split(' ', 2) switch
    {
        ["at", var versions] => new AtVersion(
            [.. versions.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Parse)]),
        ["any"] => new AnyVersion(),
        ["seen", var version] => new Seen(Parse(version)),
        _ => None,
    };

    private static long Parse(string version) => long.Parse(version, NumberStyles.None, CultureInfo.InvariantCulture);
}
