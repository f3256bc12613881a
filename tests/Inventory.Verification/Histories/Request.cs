namespace Inventory.Verification.Histories;

/// <summary>The kinds of requests that clients send.</summary>
internal enum Act
{
    /// <summary>Bring the product into the catalogue.</summary>
    Create,

    /// <summary>Add or take units.</summary>
    Adjust,

    /// <summary>Give another name.</summary>
    Rename,

    /// <summary>Set the stock to what was counted.</summary>
    Count,

    /// <summary>Say below what the stock is low.</summary>
    ReorderPoint,

    /// <summary>Promise units.</summary>
    Reserve,

    /// <summary>Take promised units out.</summary>
    Commit,

    /// <summary>Give promised units back.</summary>
    Release,

    /// <summary>Adjust several products, all or none.</summary>
    Order,

    /// <summary>Adjust several products by a file, each line for itself.</summary>
    Import,

    /// <summary>Take the product out of the range.</summary>
    Discontinue,

    /// <summary>Bring it back.</summary>
    Reinstate,

    /// <summary>Ask for an adjustment in a way that cannot be understood.</summary>
    Malformed,

    /// <summary>Read a product, exactly.</summary>
    Read,

    /// <summary>Read the catalogue, which is eventually consistent.</summary>
    List,
}

/// <summary>What a client asks for.</summary>
/// <param name="Act">What is to be done.</param>
/// <param name="Product">The product; of an order or a file the first, of a list the one that it has to be up to date about.</param>
internal sealed record Request(Act Act, Guid Product)
{
    /// <summary>
    /// Units: signed for an adjustment, what was counted, reserved, committed, or there at the start, or below which the
    /// stock is low. Of a malformed request, what is wrong with it.
    /// </summary>
    public int Amount { get; init; }

    /// <summary>The name.</summary>
    public string? Text { get; init; }

    /// <summary>The reservation.</summary>
    public Guid? Reservation { get; init; }

    /// <summary>How long a reservation lives.</summary>
    public int? Seconds { get; init; }

    /// <summary><c>Seen-Version</c>, or for a list the version of <c>Read-After</c>.</summary>
    public long? Seen { get; init; }

    /// <summary><c>If-Match</c>.</summary>
    public long? IfMatch { get; init; }

    /// <summary>Of an order or a file.</summary>
    public IReadOnlyList<OrderedUnits>? Lines { get; init; }

    /// <summary>Something else, which is asked for under the same key to see that refused.</summary>
    public Request Otherwise() => this with { Amount = Amount + 7 };

    /// <summary>Whether it can have events.</summary>
    public bool Writes => Act is not (Act.Read or Act.List);

    /// <summary>The products that it is about.</summary>
    public IEnumerable<Guid> Products => Lines is null ? [Product] : Lines.Select(line => line.Product);

    /// <summary>The units that it adds to a product.</summary>
    public int UnitsOf(Guid product) => Lines is null ? Amount : Lines.Where(line => line.Product == product).Sum(line => line.Units);
}

/// <summary>A line of an order or a file.</summary>
internal sealed record OrderedUnits(Guid Product, int Units);
