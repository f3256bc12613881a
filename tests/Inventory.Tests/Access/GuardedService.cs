using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace Inventory.Tests.Access;

/// <summary>A service with authentication configured.</summary>
public class GuardedService(DatabaseServer server) : Service(server)
{
    /// <summary>A header with a good token, unless something is made otherwise.</summary>
    public static (string Name, string Value) Token(string scope, Action<SecurityTokenDescriptor>? otherwise = null, string? subject = "user-17") =>
        ("Authorization", $"Bearer {TokenIssuer.Token(scope, otherwise, subject)}");

    protected override void Configure(IWebHostBuilder builder)
    {
        foreach (var (name, value) in TokenIssuer.Settings)
        {
            builder.UseSetting(name, value);
        }
    }
}

/// <summary>The same, with a narrow allowance.</summary>
public sealed class NarrowService(DatabaseServer server) : GuardedService(server)
{
    protected override void Configure(IWebHostBuilder builder)
    {
        base.Configure(builder);
        builder.UseSetting("RateLimits:RequestsPerSecond", "1");
        builder.UseSetting("RateLimits:RequestsAtOnce", "3");
    }
}
