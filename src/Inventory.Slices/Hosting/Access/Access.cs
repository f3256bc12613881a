using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Who may do what. With authentication configured, every request but those to open routes needs a bearer token (RFC 6750) whose scope covers the
/// route, and the token's subject is the actor. Without, the service listens on loopback only (<see cref="Listening"/>) and callers name themselves.
/// </summary>
public static class Access
{
    /// <summary>The section of the settings that configures it, ASP.NET's own: Authority, or ValidIssuer and SigningKeys; ValidAudience.</summary>
    public const string Section = "Authentication:Schemes:Bearer";

    /// <summary>The claim that names the actor (RFC 9068, section 2.2).</summary>
    public const string SubjectClaim = "sub";

    /// <summary>
    /// The claims that say what a token allows: <c>scope</c> (RFC 8693, section 4.2), and <c>scp</c>, as some issuers call the same. Either is a text
    /// with spaces, or a list.
    /// </summary>
    private static readonly string[] ScopeClaims = ["scope", "scp"];

    private const string ExpiryClaim = "exp";

    /// <summary>By how much clocks may differ when a token's times are checked.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>Whether authentication is configured.</summary>
    public static bool IsConfigured(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.GetSection(Section).Exists();
    }

    /// <summary>Registers the checks.</summary>
    /// <exception cref="StartRefusedException">The settings leave open whose tokens are good, or for whom they were made.</exception>
    public static void AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        var (authentication, authorization) = (services.AddAuthentication(), services.AddAuthorizationBuilder());
        if (!IsConfigured(configuration))
        {
            return;
        }

        Require(configuration.GetSection(Section));
        authentication.AddJwtBearer(options =>
        {
            // Claims keep the names that the token gives them.
            options.MapInboundClaims = false;
            options.Events = new JwtBearerEvents
            {
                OnTokenValidated = context =>
                {
                    if (context.Principal?.FindFirstValue(SubjectClaim) is not { } subject || !Actors.IsName(subject))
                    {
                        context.Fail($"The token's {SubjectClaim} has to be 1 to {HttpLimits.ActorCharactersMax} visible ASCII characters: history names it.");
                    }

                    return Task.CompletedTask;
                },
                OnForbidden = context =>
                {
                    context.Response.Headers.WWWAuthenticate = $"{JwtBearerDefaults.AuthenticationScheme} error=\"insufficient_scope\", scope=\"{Scopes.NameOf(RequiredBy(context.HttpContext))}\"";
                    return Task.CompletedTask;
                },
            };
        });
        services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            // The settings alone would leave out each check that they name no value for.
            var checks = options.TokenValidationParameters;
            (checks.ValidateIssuer, checks.ValidateAudience, checks.ValidateLifetime) = (true, true, true);
            (checks.RequireExpirationTime, checks.RequireSignedTokens, checks.ClockSkew) = (true, true, ClockSkew);
        });
        // Also where nobody has thought of it: a route is open only when it says so.
        authorization.SetFallbackPolicy(new AuthorizationPolicyBuilder(JwtBearerDefaults.AuthenticationScheme).AddRequirements(new RouteScope()).Build());
        services.AddSingleton<IAuthorizationHandler, RouteScopeHandler>();
    }

    /// <summary>Checks each request between finding its route and carrying it out.</summary>
    public static void UseAccess(this IApplicationBuilder app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
    }

    /// <summary>Whether a caller's token covers a scope. Who may write may read, and who administers may do both.</summary>
    internal static bool Covers(ClaimsPrincipal user, Scope scope) => user.FindAll(claim => ScopeClaims.Contains(claim.Type))
        .SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(name => Scopes.Named(name) >= scope);

    /// <summary>
    /// What a request takes. A route that is not described is for whoever may do anything; that there is none, for whoever may see something.
    /// </summary>
    internal static Scope RequiredBy(HttpContext http) =>
        http.GetEndpoint() is { } route ? route.Metadata.GetMetadata<OperationAttribute>()?.Scope ?? Scope.Admin : Scope.Read;

    /// <summary>When a caller's token ends; null when it came without.</summary>
    internal static DateTimeOffset? EndOfToken(ClaimsPrincipal user) =>
        long.TryParse(user.FindFirstValue(ExpiryClaim), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, DateTimeOffset.MaxValue.ToUnixTimeSeconds()))
            : null;

    /// <summary>How long a caller's token is good from now on; null when it came without. At most a day, so that a stream is not kept by an old decision.</summary>
    internal static TimeSpan? RemainingTime(ClaimsPrincipal user, DateTimeOffset now)
    {
        if (EndOfToken(user) is not { } end)
        {
            return null;
        }

        var left = Math.Clamp((long)(end - now).TotalSeconds, 0, (long)TimeSpan.FromDays(1).TotalSeconds);
        return TimeSpan.FromSeconds(left) + ClockSkew;
    }

    private static void Require(IConfigurationSection settings)
    {
        var (authority, issuers, audiences) = (settings["Authority"], Several("ValidIssuer"), Several("ValidAudience"));
        if (audiences.Count == 0)
        {
            throw new StartRefusedException(
                $"{Section} does not say for whom tokens are made, so a token for any other service would be good here: set {Section}:ValidAudience.");
        }

        if (string.IsNullOrEmpty(authority) && (issuers.Count == 0 || !settings.GetSection("SigningKeys").GetChildren().Any()))
        {
            throw new StartRefusedException(
                $"{Section} does not say whose tokens are good: set {Section}:Authority to the address of the issuer, or {Section}:ValidIssuer and {Section}:SigningKeys to its name and keys.");
        }

        List<string> Several(string name) =>
            [.. new[] { settings[name] }.Concat(settings.GetSection(name + "s").GetChildren().Select(child => child.Value)).Where(value => !string.IsNullOrEmpty(value)).Select(value => value!)];
    }

    private sealed class RouteScope : IAuthorizationRequirement;

    private sealed class RouteScopeHandler : AuthorizationHandler<RouteScope>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RouteScope requirement)
        {
            var scope = context.Resource is HttpContext http ? RequiredBy(http) : Scope.Admin;
            if (scope == Scope.None || Covers(context.User, scope))
            {
                context.Succeed(requirement);
            }

            return Task.CompletedTask;
        }
    }
}
