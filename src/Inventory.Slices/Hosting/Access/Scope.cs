namespace Inventory.Slices.Hosting;

/// <summary>What a token allows; each includes those before it.</summary>
public enum Scope
{
    /// <summary>Open: no token is needed.</summary>
    None,

    /// <summary>To see products, their history and what is declared.</summary>
    Read,

    /// <summary>To change products.</summary>
    Write,

    /// <summary>To see how the service works: who is in conflict with whom.</summary>
    Admin,
}

/// <summary>The names of scopes, as tokens carry them.</summary>
public static class Scopes
{
    private static readonly Dictionary<string, Scope> All = new()
    {
        ["inventory.read"] = Scope.Read,
        ["inventory.write"] = Scope.Write,
        ["inventory.admin"] = Scope.Admin,
    };

    /// <summary>The scope of a name; none for a name that is not ours.</summary>
    public static Scope Named(string name) => All.GetValueOrDefault(name);

    /// <summary>A scope's name.</summary>
    public static string NameOf(Scope scope) => All.Single(named => named.Value == scope).Key;
}
