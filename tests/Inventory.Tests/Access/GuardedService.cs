using System.Security.Cryptography;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Inventory.Tests.Access;

/// <summary>A service with authentication configured, and whoever gives out tokens for it.</summary>
public class GuardedService(DatabaseServer server) : Service(server)
{
    private const string Issuer = "https://issuer.test";
    private const string Audience = "inventory";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    /// <summary>A header with a good token, unless something is made otherwise.</summary>
    public static (string Name, string Value) Token(string scope, Action<SecurityTokenDescriptor>? otherwise = null, string? subject = "user-17")
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var token = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            NotBefore = now.AddMinutes(-5),
            Expires = now.AddMinutes(5),
            Claims = new Dictionary<string, object> { ["scope"] = scope },
            SigningCredentials = Credentials(Key),
        };
        if (subject is not null)
        {
            token.Claims.Add("sub", subject);
        }

        otherwise?.Invoke(token);
        return ("Authorization", $"Bearer {new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token)}");
    }

    /// <summary>Signs with a key.</summary>
    public static SigningCredentials Credentials(byte[] key) => new(new SymmetricSecurityKey(key), SecurityAlgorithms.HmacSha256);

    protected override void Configure(IWebHostBuilder builder)
    {
        const string Section = Inventory.Slices.Hosting.Access.Section;
        builder.UseSetting($"{Section}:ValidIssuer", Issuer);
        builder.UseSetting($"{Section}:ValidAudience", Audience);
        builder.UseSetting($"{Section}:SigningKeys:0:Issuer", Issuer);
        builder.UseSetting($"{Section}:SigningKeys:0:Value", Convert.ToBase64String(Key));
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
