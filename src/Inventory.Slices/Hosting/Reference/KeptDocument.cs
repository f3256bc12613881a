using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Inventory.Slices.Hosting;

/// <summary>
/// The OpenAPI document, made when it is first asked for and kept: making it takes a few hundred milliseconds of a processor, it is the same for everybody,
/// and everybody may ask for it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody takes holds nothing to free.")]
internal sealed class KeptDocument(IServiceProvider services)
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile Kept? _kept;

    /// <summary>Answers with it, or with 304 to whoever has it (RFC 9110, section 13.1.2).</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        var kept = _kept ?? await MakeAsync(http.RequestAborted);
        await kept.AnswerAsync(http);
    }

    private async Task<Kept> MakeAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_kept is null)
            {
                var provider = services.GetRequiredKeyedService<IOpenApiDocumentProvider>(ApiReference.DocumentName);
                // It is made for all: whoever was first may hang up.
                var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
                var text = await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, CancellationToken.None);
                _kept = new Kept(Encoding.UTF8.GetBytes(text), "application/json;charset=utf-8");
            }

            return _kept;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>An answer that is the same for everybody.</summary>
    internal sealed class Kept(byte[] bytes, string contentType)
    {
        private readonly EntityTagHeaderValue _tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"");

        /// <summary>Answers.</summary>
        public Task AnswerAsync(HttpContext http)
        {
            // Asked each time whether it is still the same: another version of the service may have another.
            http.Response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(bytes, contentType, entityTag: _tag).ExecuteAsync(http);
        }
    }
}
