using System.Security.Cryptography;
using System.Text;
using Inventory.Conflicts;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Reads <c>Idempotency-Key</c>: a request that is sent again under its key is answered again, not executed again. The
/// key belongs to the actor who sends it.
/// </summary>
public static class IdempotencyKeys
{
    /// <summary>The header (IETF draft-ietf-httpapi-idempotency-key-header): 1 to 255 visible ASCII characters; quotes are part of it.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>On an answer that was given before: <c>true</c>.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>The key with what the request asks for, or null when it has none; a malformed key is a <paramref name="fault"/>.</summary>
    public static IdempotencyKey? Of(HttpRequest request, byte[]? body, ref string? fault)
    {
        ArgumentNullException.ThrowIfNull(request);
        var lines = request.Headers[Header];
        if (lines.Count == 0)
        {
            return null;
        }

        var key = lines.ToString();
        if (lines.Count > 1 || key.Length is 0 or > HttpLimits.IdempotencyKeyCharactersMax || key.Any(c => c is < '!' or > '~'))
        {
            fault ??= $"{Header} takes one key of 1 to {HttpLimits.IdempotencyKeyCharactersMax} visible ASCII characters, such as a new UUID.";
        }

        return new IdempotencyKey(key, Hash(request, body ?? []));
    }

    /// <summary>Two requests are the same when method, path and body are. The condition headers are not part of it.</summary>
    private static byte[] Hash(HttpRequest request, byte[] body)
    {
        var route = Encoding.UTF8.GetBytes($"{request.Method} {request.Path}\n");
        return SHA256.HashData([.. route, .. body]);
    }
}
