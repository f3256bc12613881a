using System.Diagnostics;
using JasperFx.Events;
using Marten;
using Marten.Services;
using Wolverine;

namespace Inventory.Conflicts;

/// <summary>
/// What follows from an event belongs to the trace of the request that brought it about. The event carries it already: its correlation id is
/// the request's <c>traceparent</c> (W3C Trace Context), or that of whatever else sent the command.
/// </summary>
public static class EventTraces
{
    private const string Header = "traceparent";

    private const string Property = "Inventory.Conflicts.Requests";

    /// <summary>The span that an event's command was sent from; null when it was sent from none.</summary>
    public static ActivityContext? OriginOf(string? correlationId) =>
        ActivityContext.TryParse(correlationId, null, isRemote: true, out var origin) ? origin : null;

    /// <summary>Has a message that an event publishes belong to the trace of the event's own request, whoever else it shares a commit with.</summary>
    /// <param name="tenantId">The tenant of the event's stream.</param>
    /// <param name="cause">The event.</param>
    public static MessageMetadata CausedBy(string tenantId, IEvent cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        var metadata = new MessageMetadata(tenantId);
        return OriginOf(cause.CorrelationId) is null ? metadata : metadata.WithHeader(Header, cause.CorrelationId!);
    }

    /// <summary>Notes whose events a projection is about to apply. Called from where it applies them.</summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="events">The events of one page.</param>
    public static void Projecting(string projection, IReadOnlyList<IEvent> events)
    {
        // Marten's span of the page, if anybody listens to it, is all that applying and committing have in common.
        if (ConflictTraces.Source.HasListeners() && Activity.Current is { } page)
        {
            page.SetCustomProperty(Property, (projection, events.Select(e => e.CorrelationId).Distinct().ToList()));
        }
    }

    /// <summary>Wolverine names the span that a message is sent in as its parent: that of the whole commit. What an event has caused follows its own request.</summary>
    internal sealed class FollowsItsRequest : IEnvelopeRule
    {
        public void Modify(Envelope envelope)
        {
            if (envelope.Headers.TryGetValue(Header, out var request) && request is not null)
            {
                envelope.ParentId = request;
            }
        }
    }

    /// <summary>
    /// Adds to each request's trace that its events are in a projection: a span as long as the work on the page, for every request that is traced.
    /// </summary>
    public sealed class Projected : IChangeListener
    {
        /// <inheritdoc/>
        public Task BeforeCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => Task.CompletedTask;

        /// <inheritdoc/>
        public Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
        {
            if (Activity.Current is not { } page || page.GetCustomProperty(Property) is not (string projection, List<string?> requests))
            {
                return Task.CompletedTask;
            }

            foreach (var origin in requests.Select(OriginOf).OfType<ActivityContext>().Where(origin => (origin.TraceFlags & ActivityTraceFlags.Recorded) != 0))
            {
                using var span = ConflictTraces.Source.StartActivity(
                    $"project {projection}", ActivityKind.Consumer, origin, links: [new ActivityLink(page.Context)], startTime: page.StartTimeUtc);
                span?.SetTag("inventory.projection", projection);
            }

            return Task.CompletedTask;
        }
    }
}
