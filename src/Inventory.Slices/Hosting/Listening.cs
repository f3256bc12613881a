using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Inventory.Slices.Hosting;

/// <summary>Where the service listens, and how much it reads there.</summary>
public static class Listening
{
    /// <summary>
    /// The setting that says: the network this service listens on is private, such as that of a compose file
    /// whose ports are published on loopback only. Default: false.
    /// </summary>
    public const string PrivateNetworkSetting = "Listening:PrivateNetwork";

    /// <summary>Where the service listens when nothing is said.</summary>
    public const string DefaultAddress = "http://127.0.0.1:5080";

    /// <summary>Sets the default address, unless the environment or an option names one in any of ASP.NET's ways.</summary>
    public static void UseDefaultAddress(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var configuration = builder.Configuration;
        if (configuration["urls"] is null && configuration["http_ports"] is null && configuration["https_ports"] is null
            && !configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            configuration["urls"] = DefaultAddress;
        }
    }

    /// <summary>The section of the configuration in which the limits of connections can be set otherwise, by the web server's own names for them.</summary>
    public const string LimitsSection = "Kestrel:Limits";

    /// <summary>
    /// Applies the limits, and keeps a service without authentication on loopback: whoever can reach it can change
    /// the stock.
    /// </summary>
    public static void Configure(KestrelServerOptions kestrel, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        kestrel.AddServerHeader = false;
        Limit(kestrel.Limits);
        configuration.GetSection(LimitsSection).Bind(kestrel.Limits);

        var mayBeReached = IsPrivateNetwork(configuration) || Access.IsConfigured(configuration);
        kestrel.ConfigureEndpointDefaults(listen =>
        {
            if (!mayBeReached && listen.IPEndPoint is { } endpoint && !IPAddress.IsLoopback(endpoint.Address))
            {
                throw new StartRefusedException(
                    $"The service was asked to listen on {endpoint}, which others can reach, and no authentication is configured. "
                    + "Listen on loopback (--urls http://127.0.0.1:5080), configure authentication (docs/security.md), or, if that network is private, "
                    + $"say so with --{PrivateNetworkSetting}=true.");
            }
        });
    }

    /// <summary>
    /// Bounds what the operating system takes for callers that do not read. Left to itself it takes megabytes for each, and a reader that has stalled
    /// is not noticed until that is full.
    /// </summary>
    public static void Configure(SocketTransportOptions sockets)
    {
        ArgumentNullException.ThrowIfNull(sockets);
        sockets.CreateBoundListenSocket = static endpoint =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            // What it accepts has the same.
            socket.SendBufferSize = HttpLimits.UnreadBytesMax;
            return socket;
        };
    }

    /// <summary>
    /// Refuses requests to a host of another name than loopback has. A page in the browser of somebody on this machine could otherwise let its own
    /// name lead here ("DNS rebinding"), and use a service that trusts whoever reaches it. On a private network only those who run it know its names, and tell them by ASP.NET's setting AllowedHosts.
    /// </summary>
    public static void UseOwnHost(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (IsPrivateNetwork(app.Configuration) || Access.IsConfigured(app.Configuration))
        {
            return;
        }

        app.Use(static (http, next) => IsOwn(http.Request.Host)
            ? next(http)
            : Problem.Malformed("The service is reached as localhost or by a loopback address, and by no other name.").ExecuteAsync(http));
    }

    // HTTP/1.0 names none.
    private static bool IsOwn(HostString host) =>
        !host.HasValue
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host, out var address) && IPAddress.IsLoopback(address));

    private static bool IsPrivateNetwork(IConfiguration configuration) => configuration.GetValue<bool>(PrivateNetworkSetting);

    /// <summary>By name, so that they are known, and do not change with the web server's defaults.</summary>
    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestLineSize = HttpLimits.RequestLineBytesMax;
        limits.MaxRequestHeadersTotalSize = HttpLimits.HeaderBytesMax;
        limits.MaxRequestHeaderCount = HttpLimits.HeaderFieldsMax;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(HttpLimits.HeaderSecondsMax);
        limits.MaxRequestBodySize = HttpLimits.BodyBytesMax;
        limits.MinRequestBodyDataRate = new(HttpLimits.BodyBytesPerSecondMin, TimeSpan.FromSeconds(HttpLimits.SlowSecondsMax));
        limits.MinResponseDataRate = new(HttpLimits.AnswerBytesPerSecondMin, TimeSpan.FromSeconds(HttpLimits.SlowSecondsMax));
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(HttpLimits.IdleSecondsMax);
        limits.MaxConcurrentConnections = HttpLimits.ConnectionsMax;
    }
}
