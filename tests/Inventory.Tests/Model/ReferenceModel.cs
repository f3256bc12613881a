namespace Inventory.Tests.Model;

/// <summary>
/// The rules once more, as plainly as they can be written: one list of events per product, one table of clashes, no streams, no
/// folds, nothing of the service. What the service answers has to be what this answers.
/// </summary>
internal sealed class ReferenceModel
{
    private const int UnitsMax = 1_000_000_000;

    private static readonly Dictionary<string, string[]> Clashing = new()
    {
        ["rename"] = ["renamed", "discontinued"],
        ["adjust"] = ["discontinued"],
        ["count"] = ["adjusted", "counted", "committed", "discontinued"],
        ["reorder-point"] = ["reorder-point"],
        ["reserve"] = ["discontinued"],
        ["commit"] = [],
        ["release"] = [],
        ["discontinue"] = ["renamed", "adjusted", "counted", "reserved", "committed", "released", "expired", "discontinued", "reinstated"],
        ["reinstate"] = ["renamed", "adjusted", "counted", "reserved", "committed", "released", "expired", "discontinued", "reinstated"],
    };

    private static readonly string[] NeedsVersion = ["rename", "count", "discontinue", "reinstate"];

    public List<Item> Items { get; } = [];

    /// <summary>What a command on one product comes to.</summary>
    public Reply Send(Ask ask)
    {
        var item = Items[ask.Item];
        var unseen = item.Events.Skip(ask.Seen ?? item.Events.Count).ToList();
        return ask switch
        {
            { Seen: null, IfMatch: null } when NeedsVersion.Contains(ask.Command) => new(428, "precondition-required"),
            { IfMatch: null } when ask.Seen > item.Events.Count => new(400, "malformed-request"),
            { IfMatch: { } version } when version != item.Events.Count => new(412, "version-conflict"),
            { IfMatch: null } when unseen.Intersect(Clashing[ask.Command]).Any() => new(409, "version-conflict"),
            _ => Decide(item, ask) is { } refusal ? refusal : new(ask.Command == "reserve" ? 201 : 200, ask is { IfMatch: null } && unseen.Count > 0 ? "merged" : "accepted"),
        };
    }

    /// <summary>What an order comes to.</summary>
    public Reply Order(IReadOnlyDictionary<int, int> deltas)
    {
        if (deltas.OrderBy(line => Items[line.Key].Id).Select(line => Refused(Items[line.Key], line.Value)).FirstOrDefault(reply => reply is not null) is { } refused)
        {
            return refused;
        }

        foreach (var (item, delta) in deltas)
        {
            Decide(Items[item], new Ask("adjust", item, delta));
        }

        return new(200, "accepted");
    }

    /// <summary>The time of a promise is over.</summary>
    public void Expire(int item, int promise) => Decide(Items[item], new Ask("expire", item, 0) { Promise = promise });

    private static Reply? Refused(Item item, int delta) =>
        item.Discontinued ? new(422, "product-discontinued")
        : item.OnHand - item.Reserved + delta < 0 ? new(422, "insufficient-stock")
        : item.OnHand + delta > UnitsMax ? new(422, "stock-limit-exceeded")
        : null;

    /// <summary>Why not, or null when it was done.</summary>
    private static Reply? Decide(Item item, Ask ask)
    {
        var promise = item.Promises.ElementAtOrDefault(ask.Promise);
        switch (ask.Command)
        {
            case "rename" or "count" or "reserve" or "discontinue" when item.Discontinued: return new(422, "product-discontinued");
            case "reinstate" when !item.Discontinued: return new(422, "product-not-discontinued");
            case "adjust" when Refused(item, ask.Amount) is { } refused: return refused;
            case "count" when ask.Amount < item.Reserved: return new(422, "count-below-reserved");
            case "reserve" when ask.Amount > item.OnHand - item.Reserved: return new(422, "insufficient-stock");
            case "commit" or "release" when promise is null: return new(404, "reservation-not-found");
            case "commit" or "release" when promise.Status != "open": return new(422, $"reservation-{promise.Status}");
            case "commit" when ask.Amount > promise.Quantity: return new(422, "commit-exceeds-reservation");
            case "expire" when promise?.Status != "open": return null;
        }

        switch (ask.Command)
        {
            case "rename": item.Name = ask.Word; item.Events.Add("renamed"); break;
            case "adjust": item.OnHand += ask.Amount; item.Events.Add("adjusted"); break;
            case "count": item.OnHand = ask.Amount; item.Events.Add("counted"); break;
            case "reorder-point": item.ReorderPoint = ask.Amount; item.Events.Add("reorder-point"); break;
            case "discontinue": item.Discontinued = true; item.Events.Add("discontinued"); break;
            case "reinstate": item.Discontinued = false; item.Events.Add("reinstated"); break;
            case "reserve": item.Promises.Add(new Promise(ask.Amount)); item.Events.Add("reserved"); break;
            case "commit": item.OnHand -= ask.Amount; promise!.Left = ask.Amount; promise.Status = "committed"; item.Events.Add("committed"); break;
            case "release": promise!.Status = "released"; item.Events.Add("released"); break;
            case "expire": promise!.Status = "expired"; item.Events.Add("expired"); break;
        }

        return null;
    }

    /// <summary>A command, what its sender saw, and what it is about.</summary>
    public sealed record Ask(string Command, int Item, int Amount)
    {
        public string Word { get; init; } = "";

        public int Promise { get; init; }

        public int? Seen { get; init; }

        public int? IfMatch { get; init; }
    }

    /// <summary>The status, and how it ended in a word.</summary>
    public sealed record Reply(int Status, string End);

    public sealed class Item(Guid id, string name, int onHand)
    {
        public Guid Id => id;

        public string Name { get; set; } = name;

        public int OnHand { get; set; } = onHand;

        public int Reserved => Promises.Where(promise => promise.Status == "open").Sum(promise => promise.Quantity);

        public int? ReorderPoint { get; set; }

        public bool Discontinued { get; set; }

        public List<string> Events { get; } = ["created"];

        public List<Promise> Promises { get; } = [];
    }

    public sealed class Promise(int quantity)
    {
        public int Quantity => quantity;

        public string Status { get; set; } = "open";

        public int Left { get; set; }
    }
}
