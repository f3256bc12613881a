namespace Inventory.Slices.Hosting;

/// <summary>The bounds of what a request may bring.</summary>
public static class HttpLimits
{
    /// <summary>The longest request body, in bytes (64 KiB).</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>The longest first line of a request, its path and query, in bytes (8 KiB).</summary>
    public const int RequestLineBytesMax = 8 * 1024;

    /// <summary>The longest header of a request, all its fields together, in bytes (32 KiB).</summary>
    public const int HeaderBytesMax = 32 * 1024;

    /// <summary>How many fields a header may have.</summary>
    public const int HeaderFieldsMax = 100;

    /// <summary>How long a request's header may take to come, in seconds.</summary>
    public const int HeaderSecondsMax = 30;

    /// <summary>The least rate at which a body has to come, in bytes a second, after <see cref="SlowSecondsMax"/>.</summary>
    public const int BodyBytesPerSecondMin = 240;

    /// <summary>The least rate at which an answer has to be taken, in bytes a second, after <see cref="SlowSecondsMax"/>.</summary>
    public const int AnswerBytesPerSecondMin = 240;

    /// <summary>How long a body or an answer may be slower, in seconds.</summary>
    public const int SlowSecondsMax = 5;

    /// <summary>How long a read may take until it is answered, in seconds, waiting for its turn included.</summary>
    public const int ReadSecondsMax = 5;

    /// <summary>How many exports a node sends at once; one more is answered <c>overloaded</c>.</summary>
    public const int ExportsMax = 32;

    /// <summary>How long the reader of an export may take for 1,000 rows, in seconds; then it is cut off.</summary>
    public const int ExportPartSecondsMax = 60;

    /// <summary>How long a connection is kept that asks nothing, in seconds.</summary>
    public const int IdleSecondsMax = 130;

    /// <summary>How much of an answer the operating system takes for a caller that does not read it yet, in bytes (256 KiB).</summary>
    public const int UnreadBytesMax = 256 * 1024;

    /// <summary>How many connections a node has at the same time; more are closed as they come.</summary>
    public const int ConnectionsMax = 5_000;

    /// <summary>How deep JSON may be nested.</summary>
    public const int JsonDepthMax = 16;

    /// <summary>The longest <c>Actor</c> header, in characters.</summary>
    public const int ActorCharactersMax = 100;

    /// <summary>The longest <c>Idempotency-Key</c> header, in characters.</summary>
    public const int IdempotencyKeyCharactersMax = 255;

    /// <summary>How many entity tags one <c>If-Match</c> may list.</summary>
    public const int EntityTagsMax = 100;
}
