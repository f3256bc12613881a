namespace Inventory.Slices.Hosting;

/// <summary>The bounds of what a request may bring.</summary>
public static class HttpLimits
{
    /// <summary>The longest request body, in bytes (64 KiB).</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>How deep JSON may be nested.</summary>
    public const int JsonDepthMax = 16;

    /// <summary>The longest <c>Actor</c> header, in characters.</summary>
    public const int ActorCharactersMax = 100;

    /// <summary>The longest <c>Idempotency-Key</c> header, in characters.</summary>
    public const int IdempotencyKeyCharactersMax = 255;

    /// <summary>How many entity tags one <c>If-Match</c> may list.</summary>
    public const int EntityTagsMax = 100;
}
