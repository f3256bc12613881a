using System.Net.Sockets;

namespace Inventory.Tests.Hosting;

/// <summary>Testcontainers throws when it is asked to build without an engine, so this is decided before.</summary>
internal static class DockerEngine
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Whether the engine that <c>DOCKER_HOST</c> names, or the local one, answers a ping.</summary>
    public static async Task<bool> AnswersAsync()
    {
        var host = new Uri(Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } named ? named : "unix:///var/run/docker.sock");
        try
        {
            using var handler = new SocketsHttpHandler();
            if (host.Scheme == "unix")
            {
                handler.ConnectCallback = async (_, cancellation) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.AbsolutePath), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                };
            }

            using var client = new HttpClient(handler) { Timeout = Patience };
            var address = host.Scheme == "unix" ? "localhost" : $"{host.Host}:{host.Port}";
            using var answer = await client.GetAsync(new Uri($"http://{address}/_ping"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or SocketException)
        {
            return false;
        }
    }
}
