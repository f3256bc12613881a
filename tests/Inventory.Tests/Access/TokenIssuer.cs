using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Inventory.Tests.Access;

/// <summary>Whoever gives out tokens for the service.</summary>
public static class TokenIssuer
{
    private const string Section = "Authentication:Schemes:Bearer";
    private const string Name = "https://issuer.test";
    private const string Audience = "inventory";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    /// <summary>The settings of a service that takes its tokens.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        [$"{Section}:ValidIssuer"] = Name,
        [$"{Section}:ValidAudience"] = Audience,
        [$"{Section}:SigningKeys:0:Issuer"] = Name,
        [$"{Section}:SigningKeys:0:Value"] = Convert.ToBase64String(Key),
    };

    /// <summary>A good token, unless something is made otherwise.</summary>
    public static string Token(string scope, Action<SecurityTokenDescriptor>? otherwise = null, string? subject = "user-17")
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var token = new SecurityTokenDescriptor
        {
            Issuer = Name,
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
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }

    /// <summary>Makes a token one that has ended.</summary>
    public static void Expired(SecurityTokenDescriptor token)
    {
        ArgumentNullException.ThrowIfNull(token);
        token.Expires = token.NotBefore!.Value.AddMinutes(1);
    }

    /// <summary>Signs with a key.</summary>
    public static SigningCredentials Credentials(byte[] key) => new(new SymmetricSecurityKey(key), SecurityAlgorithms.HmacSha256);
}
