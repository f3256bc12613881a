using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Inventory.Tests.Telemetry;

/// <summary>Takes what is sent by the OpenTelemetry protocol over HTTP, as whoever collects it would.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app = Build();

    public string Address => _app.Urls.Single();

    /// <summary>Everything that came to a path, as text: what is text in protobuf stays legible.</summary>
    public ConcurrentDictionary<string, string> Bodies { get; } = [];

    public Task StartAsync()
    {
        _app.MapPost("/v1/{signal}", TakeAsync);
        return _app.StartAsync();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpRequest request, string signal)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        Bodies.AddOrUpdate(signal, _ => Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        return Results.Bytes([], "application/x-protobuf");
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }
}
