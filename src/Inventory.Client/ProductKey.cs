namespace Inventory.Client;

/// <summary>Names a product: by its id, or by its SKU.</summary>
public readonly record struct ProductKey
{
    private ProductKey(string path) => Path = path;

    internal string Path { get; }

    /// <summary>By its id.</summary>
    public static implicit operator ProductKey(Guid id) => FromGuid(id);

    /// <summary>By its id.</summary>
    public static ProductKey FromGuid(Guid id) => new(id.ToString());

    /// <summary>By its SKU, in any case.</summary>
    public static ProductKey Sku(string sku) => new($"sku:{Uri.EscapeDataString(sku)}");
}
