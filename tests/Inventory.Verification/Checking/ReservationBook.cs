using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>The reservations of a product, by its events: each is opened once and closed once, as a whole.</summary>
internal sealed class ReservationBook
{
    // What is closed at an instant by the clock of a node may be seen as closed by another clock.
    private static readonly TimeSpan ExpiryPatience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Guid, Entry> _entries = [];

    /// <summary>All of them.</summary>
    public IEnumerable<(Guid Id, int Quantity, string Status, int? Committed)> All =>
        _entries.Select(entry => (entry.Key, entry.Value.Quantity, entry.Value.Status, entry.Value.Committed));

    /// <summary>Takes an event; says what is wrong with it.</summary>
    public string? Apply(LoggedEvent e)
    {
        if (e.Reservation is not { } id)
        {
            return null;
        }

        if (e.Type == LoggedEvent.Reserved)
        {
            return _entries.TryAdd(id, new Entry(e.Amount, e.Version, e.ExpiresAt)) ? null : $"reservation {id} was made twice";
        }

        if (!_entries.TryGetValue(id, out var entry))
        {
            return $"reservation {id} was never made, and version {e.Version} is {e.Type} of it";
        }

        if (entry.ClosedAt is { } closed)
        {
            return $"reservation {id} was closed at version {closed} ({entry.ClosedBy}), and again at version {e.Version} ({e.Type})";
        }

        _entries[id] = entry with { ClosedAt = e.Version, ClosedBy = e.Type, Committed = e.Type == LoggedEvent.Committed ? e.Amount : null };
        return e.Amount + e.Returned == entry.Quantity
            ? null
            : $"reservation {id} held {entry.Quantity} units, and version {e.Version} ({e.Type}) closes {e.Amount + e.Returned}";
    }

    /// <summary>The reservations whose time was over well before an instant, and that nothing has closed.</summary>
    public IEnumerable<Guid> ForgottenAt(DateTimeOffset now) =>
        _entries.Where(entry => entry.Value.ClosedAt is null && entry.Value.ExpiresAt < now - ExpiryPatience).Select(entry => entry.Key);

    /// <summary>The type of the event that closed it until a version.</summary>
    public string? ClosedBy(Guid? id, long version) => Find(id) is { ClosedAt: { } closed } entry && closed <= version ? entry.ClosedBy : null;

    /// <summary>Whether it was open at a version, and its time was over until an instant.</summary>
    public bool IsOverdue(Guid? id, long version, DateTimeOffset now) =>
        Find(id) is { } entry && entry.MadeAt <= version && ClosedBy(id, version) is null && entry.ExpiresAt <= now;

    /// <summary>Whether it had been made at a version.</summary>
    public bool Has(Guid? id, long version) => Find(id) is { } entry && entry.MadeAt <= version;

    /// <summary>How many units it held.</summary>
    public int QuantityOf(Guid? id) => Find(id)?.Quantity ?? 0;

    private Entry? Find(Guid? id) => id is { } known ? _entries.GetValueOrDefault(known) : null;

    private sealed record Entry(int Quantity, long MadeAt, DateTimeOffset? ExpiresAt)
    {
        public long? ClosedAt { get; init; }

        public string? ClosedBy { get; init; }

        public int? Committed { get; init; }

        /// <summary>As the table of reservations calls it.</summary>
        public string Status => ClosedBy switch
        {
            null => "Open",
            LoggedEvent.Committed => "Committed",
            LoggedEvent.Released => "Released",
            _ => "Expired",
        };
    }
}
