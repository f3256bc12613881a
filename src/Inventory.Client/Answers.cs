using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inventory.Client;

/// <summary>A product. Quantities are whole units.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sku">Its stock keeping unit.</param>
/// <param name="Name">Its name.</param>
/// <param name="OnHand">Units in the warehouse.</param>
/// <param name="Reserved">Units promised to somebody.</param>
/// <param name="Available">Units that can be sold.</param>
/// <param name="ReorderPoint">Available units at or below which stock is low; null for never.</param>
/// <param name="Discontinued">It is no longer dealt in.</param>
/// <param name="Version">Its version: what to say was seen.</param>
public sealed record ProductState(
    Guid Id, string Sku, string Name, int OnHand, int Reserved, int Available, int? ReorderPoint, bool Discontinued, long Version);

/// <summary>What an accepted command answers.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Version">Its version after the command.</param>
/// <param name="MergedWith">What had happened since the version seen, and did not clash.</param>
/// <param name="Product">The product after the command.</param>
/// <param name="Reservation">The reservation, of a command about one.</param>
public sealed record AcceptedAnswer(
    Guid ProductId, long Version, IReadOnlyList<SeenChange> MergedWith, ProductState Product, ReservationState? Reservation = null);

/// <summary>A reservation as a command left it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Quantity">Units promised.</param>
/// <param name="Status">open, committed, released or expired.</param>
/// <param name="ExpiresAt">When it ends by itself, UTC.</param>
public sealed record ReservationState(Guid Id, int Quantity, string Status, DateTimeOffset ExpiresAt);

/// <summary>A change that the caller had not seen.</summary>
/// <param name="Version">The product's version after it.</param>
/// <param name="Event">Its type.</param>
/// <param name="Summary">It in words.</param>
/// <param name="Actor">Who made it.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Clashes">Whether it stands against the command.</param>
public sealed record SeenChange(long Version, string Event, string Summary, string Actor, DateTimeOffset At, bool Clashes);

/// <summary>What a command in conflict answers.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="SeenVersion">The version the caller decided on; null when it named none that exists.</param>
/// <param name="CurrentVersion">The version it is at.</param>
/// <param name="Current">The product now.</param>
/// <param name="Changes">What happened since, the oldest first.</param>
/// <param name="Resubmit">What to send the command again with, see <see cref="Seen.In"/>.</param>
/// <param name="Detail">It in words.</param>
/// <param name="Options">Of a count: what each choice would come to.</param>
public sealed record ConflictAnswer(
    Guid ProductId, long? SeenVersion, long CurrentVersion, ProductState Current, IReadOnlyList<SeenChange> Changes, Resubmission Resubmit, string Detail,
    IReadOnlyDictionary<string, JsonElement>? Options = null);

/// <summary>How to send a command again that was in conflict.</summary>
/// <param name="IfMatch">The value of <c>If-Match</c>.</param>
public sealed record Resubmission(string IfMatch);

/// <summary>A problem (RFC 9457).</summary>
/// <param name="Type">Which kind: the path of the page that explains it, such as <c>/problems/insufficient-stock</c>.</param>
/// <param name="Title">What happened.</param>
/// <param name="Status">The status code.</param>
/// <param name="Detail">What happened this time, and what to do.</param>
public sealed record ProblemAnswer(string Type, string Title, int Status, string Detail)
{
    /// <summary>The members of this kind of problem, such as <c>available</c>.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Members { get; init; }
}

/// <summary>A page of the catalogue.</summary>
/// <param name="Items">The products, each as of its version.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
/// <param name="Freshness">How old the page is.</param>
public sealed record CatalogPage(IReadOnlyList<ProductState> Items, string? Next, PageAge Freshness);

/// <summary>How old an eventually consistent answer is.</summary>
/// <param name="UpToDate">Nothing is missing, and what was asked to be in it is.</param>
/// <param name="LagEvents">How many events at most are missing.</param>
/// <param name="LagMs">How old the oldest of them is, in milliseconds.</param>
public sealed record PageAge(bool UpToDate, long LagEvents, long LagMs);

/// <summary>A change as it happens.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Version">Its version after the change.</param>
/// <param name="Event">The type of the change.</param>
/// <param name="Summary">It in words.</param>
/// <param name="Actor">Who made it.</param>
/// <param name="At">When, UTC.</param>
public sealed record LiveChange(Guid ProductId, long Version, string Event, string Summary, string Actor, DateTimeOffset At);

/// <summary>A line of an order.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Delta">Units that come in, or go out when negative.</param>
public sealed record OrderLine(Guid ProductId, int Delta);

/// <summary>A product of an order.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Version">Its version after the order.</param>
/// <param name="Product">The product after the order.</param>
public sealed record OrderedProduct(Guid ProductId, long Version, ProductState Product);
