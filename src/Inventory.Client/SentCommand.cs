namespace Inventory.Client;

/// <summary>
/// A command about one product as it was sent. It is plain data: kept as JSON, it can be settled after a restart and by another process, see
/// <see cref="InventoryClient.SettleAsync(SentCommand, CancellationToken)"/>.
/// </summary>
/// <param name="Method">Its HTTP method.</param>
/// <param name="Path">Its path, relative to the service's address.</param>
/// <param name="Body">Its body, JSON. The same bytes are sent each time: another body under the same key is refused.</param>
/// <param name="Key">Its Idempotency-Key.</param>
/// <param name="SeenVersion">Its <c>Seen-Version</c>, if any.</param>
/// <param name="IfMatch">Its <c>If-Match</c>, if any.</param>
public sealed record SentCommand(string Method, string Path, string Body, string Key, string? SeenVersion = null, string? IfMatch = null);

/// <summary>An order as it was sent; plain data like <see cref="SentCommand"/>.</summary>
/// <param name="Body">Its body, JSON.</param>
/// <param name="Key">Its Idempotency-Key.</param>
public sealed record SentOrder(string Body, string Key);
