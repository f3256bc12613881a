using Wolverine;
using Wolverine.Attributes;

namespace Inventory.Slices.Products;

/// <summary>The time of a reservation is over. Delivered then, on any node; whether it is still open is found out then too.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="ReservationId">The reservation.</param>
/// <param name="At">When, UTC.</param>
[DeliveredAtItsTime]
public sealed record ReservationDue(Guid ProductId, Guid ReservationId, DateTimeOffset At);

/// <summary>Has the message delivered at the time it names, not before.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class DeliveredAtItsTimeAttribute : ModifyEnvelopeAttribute
{
    /// <inheritdoc/>
    public override void Modify(Envelope envelope) => envelope.ScheduledTime = ((ReservationDue)envelope.Message!).At;
}
