using Inventory.Verification.Histories;

namespace Inventory.Verification.Running;

/// <summary>What clients ask for.</summary>
/// <param name="Name">How it is called on the command line.</param>
/// <param name="About">What it is for, in words.</param>
/// <param name="Products">How many products there are.</param>
/// <param name="Stock">Units of each at the start.</param>
/// <param name="Acts">What is asked for, each as often as it is named.</param>
internal sealed record Workload(string Name, string About, int Products, int Stock, IReadOnlyList<Act> Acts)
{
    private const int Names = 5;
    private const int SeenOfHundred = 20;

    /// <summary>Percent of the requests that are about the first product.</summary>
    public int Heat { get; init; } = 30;

    /// <summary>Percent of the commands that are sent to every node at once under the same key.</summary>
    public int Everywhere { get; init; } = 2;

    /// <summary>Percent of the requests that are about the client's own product, which few others change.</summary>
    public int Own { get; init; }

    /// <summary>Whether changes are asked for with each kind of condition (If-Match, Seen-Version) and without one.</summary>
    public bool HasConditions { get; init; }

    /// <summary>The most units that are taken at once.</summary>
    public int UnitsMax { get; init; } = 3;

    public static IReadOnlyList<Workload> All { get; } =
    [
        new("mixed", "everything at once, on a few products", 12, 60, [
            Act.Adjust, Act.Adjust, Act.Adjust, Act.Adjust, Act.Adjust, Act.Read, Act.Read, Act.Rename, Act.Rename, Act.Count, Act.Reserve, Act.Reserve, Act.Reserve, Act.Commit, Act.Release,
            Act.ReorderPoint, Act.Order, Act.Order, Act.List, Act.List, Act.Malformed]),
        new("hot", "everybody changes one product", 1, 1_000_000, [Act.Adjust, Act.Adjust, Act.Adjust, Act.Adjust, Act.Adjust, Act.Adjust, Act.Adjust, Act.Read]) { Heat = 100 },
        new("zipf", "a thousand products, some wanted much more than others", 1_000, 100, [Act.Adjust, Act.Adjust, Act.Adjust, Act.Read]) { Heat = 0 },
        new("drain", "stock is driven to exactly nothing, again and again", 10, 20, [Act.Adjust, Act.Adjust, Act.Adjust, Act.Read]) { UnitsMax = 5 },
        new("compare-and-set", "read, and change only what was read (If-Match)", 2, 50, [Act.Count, Act.Read, Act.Rename, Act.Adjust]),
        new("renames", "names given by people who saw older versions, between sales (Seen-Version)", 2, 10_000, [Act.Rename, Act.Adjust, Act.Adjust, Act.Adjust, Act.Read]),
        new("range", "products leave the range and come back between sales (Seen-Version, If-Match)", 3, 10_000, [
            Act.Adjust, Act.Adjust, Act.Adjust, Act.Reserve, Act.Rename, Act.Discontinue, Act.Reinstate, Act.Read, Act.Malformed]),
        new("orders", "several products, all or nothing", 6, 200, [Act.Order, Act.Order, Act.Order, Act.Adjust, Act.Read]),
        new("imports", "files of some lines (CSV), each line for itself, between sales", 8, 100, [Act.Import, Act.Import, Act.Adjust, Act.Adjust, Act.Read]),
        new("reservations", "promised, taken, given back, or over", 4, 100, [Act.Reserve, Act.Reserve, Act.Reserve, Act.Commit, Act.Release, Act.Adjust, Act.Read]),
        new("same-key", "the same request to every node at once, with each kind of condition and without one", 40, 1_000, [
            Act.Adjust, Act.Adjust, Act.ReorderPoint, Act.Reserve, Act.Rename, Act.Order, Act.Create, Act.Import])
        {
            Everywhere = 100,
            Heat = 10,
            Own = 75,
            HasConditions = true,
        },
        new("lists", "catalogue pages after one's own writes (Read-After)", 20, 100, [Act.Adjust, Act.Rename, Act.List, Act.List]),
    ];

    public static Workload? Find(string name) => All.FirstOrDefault(workload => workload.Name == name);

    /// <summary>The next request of a client.</summary>
    /// <param name="dice">Its chance.</param>
    /// <param name="memory">What it knows.</param>
    /// <param name="products">The products that there are.</param>
    /// <param name="client">Its number.</param>
    public Request Next(Dice dice, ClientMemory memory, IReadOnlyList<Guid> products, int client)
    {
        var product = Heat > 0 && dice.Chance(Heat) ? products[0]
            : Own > 0 && dice.Chance(Own) ? products[client % products.Count]
            : products[Skewed(dice, products.Count)];
        var act = dice.Of(Acts);
        var seen = memory.SeenOf(product);
        var request = Next(act, product, seen, dice, memory, products);
        return HasConditions && request is { Act: Act.Adjust or Act.ReorderPoint or Act.Reserve, IfMatch: null, Seen: null } && seen is not null
            ? dice.Below(3) switch
            {
                0 => request with { IfMatch = seen.Version },
                1 => request with { Seen = seen.Version },
                _ => request,
            }
            : request;
    }

    private Request Next(Act act, Guid product, Shown? seen, Dice dice, ClientMemory memory, IReadOnlyList<Guid> products)
    {
        return act switch
        {
            // Nobody knows enough to do it: then they look, or make what is needed.
            Act.Rename or Act.Count or Act.Discontinue or Act.Reinstate when seen is null => new Request(Act.Read, product),
            Act.Commit or Act.Release when memory.TakeReservation(dice) is { } own => new Request(act, own.Product) { Reservation = own.Id, Amount = dice.Between(1, own.Quantity) },
            Act.Commit or Act.Release or Act.Reserve => new Request(Act.Reserve, product) { Amount = dice.Between(1, UnitsMax), Seconds = dice.Chance(40) ? dice.Between(1, 3) : 3_600 },
            Act.Rename when dice.Chance(50) => new Request(act, product) { Text = $"Name {dice.Below(Names)}", IfMatch = seen!.Version },
            Act.Rename => new Request(act, product) { Text = $"Name {dice.Below(Names)}", Seen = seen!.Version },
            Act.Discontinue or Act.Reinstate => dice.Chance(50)
                ? new Request(seen!.Discontinued ? Act.Reinstate : Act.Discontinue, product) { IfMatch = seen.Version }
                : new Request(act, product) { Seen = seen!.Version },
            Act.Malformed => new Request(act, product) { Amount = dice.Below(Wire.Malformed.Count) },
            Act.Count => new Request(act, product) { Amount = seen!.Reserved + dice.Below(Stock), IfMatch = seen.Version },
            Act.Order or Act.Import => new Request(act, product) { Lines = [.. Lines(dice, product, products)] },
            Act.Create => new Request(act, dice.Id()) { Amount = dice.Below(Stock), Text = $"Name {dice.Below(Names)}" },
            Act.ReorderPoint => new Request(act, product) { Amount = dice.Below(Stock) },
            Act.List => new Request(act, product) { Seen = seen?.Version },
            Act.Adjust => new Request(act, product) { Amount = Units(dice), Seen = seen is not null && dice.Chance(SeenOfHundred) ? seen.Version : null },
            _ => new Request(act, product),
        };
    }

    private IEnumerable<OrderedUnits> Lines(Dice dice, Guid product, IReadOnlyList<Guid> products) =>
        Enumerable.Range(0, dice.Between(1, 3)).Select(_ => dice.Of(products)).Append(product).Distinct().Select(one => new OrderedUnits(one, Units(dice)));

    /// <summary>More goes out than comes in, so that stock comes to its end.</summary>
    private int Units(Dice dice) => dice.Chance(62) ? -dice.Between(1, UnitsMax) : dice.Between(1, UnitsMax);

    /// <summary>Each tenth of the products is wanted about twice as often as the next.</summary>
    private static int Skewed(Dice dice, int count)
    {
        var tenth = 0;
        while (tenth < 9 && dice.Chance(50))
        {
            tenth++;
        }

        return Math.Min(count - 1, ((tenth * count) + dice.Below(count)) / 10);
    }
}

/// <summary>What a client knows.</summary>
internal sealed class ClientMemory
{
    private readonly Dictionary<Guid, Shown> _seen = [];
    private readonly List<(Guid Product, Guid Id, int Quantity)> _reservations = [];

    /// <summary>How it saw a product last.</summary>
    public Shown? SeenOf(Guid product) => _seen.GetValueOrDefault(product);

    /// <summary>One of its reservations, which it forgets.</summary>
    public (Guid Product, Guid Id, int Quantity)? TakeReservation(Dice dice)
    {
        if (_reservations.Count == 0)
        {
            return null;
        }

        var at = dice.Below(_reservations.Count);
        var own = _reservations[at];
        // Now and then it tries to close the same one again.
        if (dice.Chance(90))
        {
            _reservations.RemoveAt(at);
        }

        return own;
    }

    /// <summary>Remembers what an answer shows.</summary>
    public void Learn(Request request, Reply reply)
    {
        if (request.Act == Act.List)
        {
            return;
        }

        foreach (var shown in reply.Shown)
        {
            if (!_seen.TryGetValue(shown.Product, out var before) || before.Version < shown.Version)
            {
                _seen[shown.Product] = shown;
            }
        }

        if (reply is { End: End.Ok, Reservation: { } id } && request.Act == Act.Reserve)
        {
            _reservations.Add((request.Product, id, request.Amount));
        }
    }
}
