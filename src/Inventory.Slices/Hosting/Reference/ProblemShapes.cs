using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Slices.Hosting;

/// <summary>What every problem has (RFC 9457, section 3.1). Some types add members of their own.</summary>
/// <param name="Type">The path of the page that explains this type.</param>
/// <param name="Title">What happened, the same for every occurrence.</param>
/// <param name="Status">The status code.</param>
/// <param name="Detail">What happened this time, and what to do.</param>
/// <param name="TraceId">What the request is found by in traces and logs.</param>
public sealed record ProblemShape(string Type, string Title, int Status, string Detail, string TraceId);

/// <summary>The problem <c>version-conflict</c>: what changed, what it clashes with, and how to send the command again.</summary>
/// <param name="Type"><c>/problems/version-conflict</c>.</param>
/// <param name="Title">What happened, the same for every occurrence.</param>
/// <param name="Status">409 when a change clashes with the command, 412 when <c>If-Match</c> asked for another version.</param>
/// <param name="Detail">How many changes there are, and how many of them clash.</param>
/// <param name="ProductId">The product.</param>
/// <param name="SeenVersion">The version the caller decided on; null when it named none that exists.</param>
/// <param name="CurrentVersion">The version the product is at.</param>
/// <param name="Current">The product now.</param>
/// <param name="Changes">What happened since, the oldest first; the newest of many.</param>
/// <param name="ChangesOmitted">How many more there are than listed.</param>
/// <param name="Options">What each choice of <c>onConflict</c> would come to, of a command that offers some.</param>
/// <param name="YourChange">What the command would do to the product now; empty when a rule would refuse it.</param>
/// <param name="Resubmit">The header to send the command again with, to apply it on top.</param>
/// <param name="TraceId">What the request is found by in traces and logs.</param>
public sealed record VersionConflictShape(
    string Type, string Title, int Status, string Detail, Guid ProductId, long? SeenVersion, long CurrentVersion, ProductView Current,
    IReadOnlyList<Change> Changes, IReadOnlyList<OwnChange> YourChange, ResubmitShape Resubmit, string TraceId, int? ChangesOmitted = null,
    IReadOnlyDictionary<string, object>? Options = null);

/// <summary>How to send a refused command again.</summary>
/// <param name="IfMatch">The value of <c>If-Match</c>.</param>
public sealed record ResubmitShape(string IfMatch);
