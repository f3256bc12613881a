using System.Text.RegularExpressions;
using Inventory.Slices.Hosting;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Inventory.Tests.Access;

public sealed class AccessScenarios(GuardedService service) : IClassFixture<GuardedService>
{
    private static readonly string[] Listed = ["openid", "inventory.write"];

    private const string All = "inventory.admin";

    public static TheoryData<string> BadTokens => [.. Spoilt.Keys];

    private static Dictionary<string, Action<SecurityTokenDescriptor>> Spoilt { get; } = new()
    {
        ["unsigned (alg: none)"] = token => token.SigningCredentials = null,
        ["signed by somebody else"] = token => token.SigningCredentials = TokenIssuer.Credentials(new byte[32]),
        ["expired"] = TokenIssuer.Expired,
        ["not yet valid"] = token => token.NotBefore = token.Expires!.Value.AddMinutes(-1),
        ["without an end"] = token => token.Expires = null,
        ["of another issuer"] = token => token.Issuer = "https://other.test",
        ["for another service"] = token => token.Audience = "other",
        ["for nobody"] = token => token.Audience = null,
        ["without a subject"] = token => token.Claims.Remove("sub"),
        ["with a subject that history cannot name"] = token => token.Claims["sub"] = "Ann Müller",
        ["with an endless subject"] = token => token.Claims["sub"] = new string('a', 101),
    };

    [Fact]
    public async Task Everybody_is_told_how_the_service_is_and_who_may_administer_it_why()
    {
        var admin = await service.GetAsync("/health/ready", GuardedService.Token("inventory.admin"));
        Assert.NotEmpty($"{admin["checks"]!["database"]!["description"]}");

        foreach (var (name, value) in new[] { ("X-None", "1"), GuardedService.Token("inventory.read"), GuardedService.Token("inventory.write") })
        {
            var other = await service.GetAsync("/health/ready", (name, value));
            Assert.Equal((admin.Status, "healthy"), (other.Status, $"{other["checks"]!["database"]!["status"]}"));
            Assert.Null(other["checks"]!["database"]!["description"]);
        }
    }

    [Fact]
    public async Task Every_route_asks_for_a_token_and_for_its_scope()
    {
        var routes = service.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<OperationAttribute>() is not null)
            .Select(route => (
                Method: route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single(),
                Path: "/" + Regex.Replace(route.RoutePattern.RawText!.TrimStart('/'), "{[a-z]+}", Guid.CreateVersion7().ToString()),
                route.Metadata.GetMetadata<OperationAttribute>()!.Scope))
            .ToList();
        Assert.True(routes.Count > 25);
        Assert.Equal(["/health/live", "/health/ready"], routes.Where(route => route.Scope == Scope.None && !route.Path.StartsWith("/problems", StringComparison.Ordinal)).Select(route => route.Path).Order());
        Assert.All(routes, route => Assert.True(route.Method == "GET" || route.Scope == Scope.Write, $"{route}"));

        foreach (var (method, path, scope) in routes)
        {
            var without = await SendAsync(method, path);
            if (scope == Scope.None)
            {
                Assert.NotEqual(401, without.Status);
                continue;
            }

            without.IsProblem(401, "token-required");
            Assert.StartsWith("Bearer", without.Headers["WWW-Authenticate"], StringComparison.Ordinal);
            foreach (var less in Enum.GetValues<Scope>().Where(less => less != Scope.None && less < scope))
            {
                (await SendAsync(method, path, GuardedService.Token(Scopes.NameOf(less)))).IsProblem(403, "scope-required");
            }

            (await SendAsync(method, path, GuardedService.Token("inventory.reads other inventory"))).IsProblem(403, "scope-required");
            if (!path.EndsWith("/changes", StringComparison.Ordinal))
            {
                var allowed = await SendAsync(method, path, GuardedService.Token($"openid {Scopes.NameOf(scope)}"));
                Assert.True(allowed.Status is not 401 and not 403, $"{method} {path}: {allowed.Text}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task A_token_that_is_no_good_is_refused(string kind)
    {
        Assert.Equal(200, (await service.GetAsync("/products", GuardedService.Token(All))).Status);
        var refused = await service.GetAsync("/products", GuardedService.Token(All, Spoilt[kind]));
        refused.IsProblem(401, "token-required");
        Assert.Contains("invalid_token", refused.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer x.y.z")]
    [InlineData("Basic dXNlcjpwYXNz")]
    public async Task What_is_no_token_is_refused(string authorization) =>
        (await service.GetAsync("/products", ("Authorization", authorization))).IsProblem(401, "token-required");

    [Fact]
    public async Task A_token_in_the_query_is_none()
    {
        var token = GuardedService.Token(All).Value["Bearer ".Length..];
        (await service.GetAsync($"/products?access_token={token}")).IsProblem(401, "token-required");
    }

    [Fact]
    public async Task The_actor_is_the_tokens_subject_and_nobody_else()
    {
        var ann = GuardedService.Token("inventory.write", subject: "ann");
        var made = await service.PostAsync("/products", new { sku = "MINE", name = "Mine", initialQuantity = 1 }, ann);

        var history = await service.GetAsync($"/products/{made["productId"]}/history", ann);
        Assert.Equal("ann", $"{history["items"]![0]!["actor"]}");
        var asBob = await service.PostAsync("/products/sku:MINE/adjustments", new { delta = 1, reason = "receipt" }, ann, ("Actor", "bob"));
        asBob.IsProblem(400, "malformed-request");
        Assert.Contains("You are ann", $"{asBob["detail"]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_belongs_to_the_subject_who_sent_it()
    {
        foreach (var (subject, delta) in new[] { ("carl", 1), ("dora", 2) })
        {
            var made = await service.PostAsync(
                "/products", new { sku = $"KEY-{subject}", name = "Key", initialQuantity = delta }, GuardedService.Token("inventory.write", subject: subject), ("Idempotency-Key", "same"));
            Assert.Equal(201, made.Status);
        }
    }

    [Fact]
    public async Task The_document_says_which_scope_a_route_takes_and_is_open_itself()
    {
        var document = await service.GetAsync(ApiReference.DocumentPath);
        Assert.Equal("""[{"bearer":["inventory.write"]}]""", document["paths"]!["/products"]!["post"]!["security"]!.ToJsonString());
        Assert.Null(document["paths"]!["/health/live"]!["get"]!["security"]);
    }

    [Fact]
    public async Task A_refusal_names_the_scope_that_the_token_lacks()
    {
        var refused = await service.GetAsync("/conflicts", GuardedService.Token("inventory.write"));

        refused.IsProblem(403, "scope-required");
        Assert.Equal("inventory.admin", $"{refused["scope"]}");
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"inventory.admin\"", refused.Headers["WWW-Authenticate"]);
    }

    [Fact]
    public async Task Callers_are_told_who_they_are_what_they_may_do_and_until_when()
    {
        var end = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var told = await service.GetAsync("/caller", GuardedService.Token("openid inventory.write", token => token.Expires = end.UtcDateTime, "ann"));

        Assert.Equal("""{"actor":"ann","scopes":["inventory.read","inventory.write"],"tokenEndsAt":"2100-01-01T00:00:00+00:00"}""", told.Text);
        Assert.Equal("no-store", told.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task Scopes_may_come_as_a_text_or_a_list_and_under_either_of_their_two_names()
    {
        foreach (var claim in new[] { "scope", "scp" })
        {
            foreach (object scopes in new object[] { "openid inventory.write", Listed })
            {
                var told = await service.GetAsync("/caller", GuardedService.Token("", token =>
                {
                    token.Claims.Remove("scope");
                    token.Claims.Add(claim, scopes);
                }));
                Assert.Equal("""["inventory.read","inventory.write"]""", told["scopes"]?.ToJsonString());
            }
        }
    }

    private Task<HttpAnswer> SendAsync(string method, string path, params (string Name, string Value)[] headers) =>
        service.SendAsync(method, path, method == "GET" ? null : "{}"u8.ToArray(), method == "GET" ? null : "application/json", headers);
}

public sealed class OpenAccessScenarios(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Without_authentication_callers_are_who_they_say_and_may_do_everything()
    {
        var told = await service.GetAsync("/caller", ("Actor", "ann"));

        Assert.Equal("""{"actor":"ann","scopes":["inventory.read","inventory.write","inventory.admin"],"tokenEndsAt":null}""", told.Text);
        (await service.GetAsync("/caller", ("Actor", "Ann Müller"))).IsProblem(400, "malformed-request");
    }
}

public sealed class RateLimitScenarios(NarrowService service) : IClassFixture<NarrowService>
{
    [Fact]
    public async Task Who_asks_too_much_is_told_when_to_come_back_and_others_are_not_held_up()
    {
        var greedy = GuardedService.Token("inventory.read", subject: "greedy");
        var answers = new List<HttpAnswer>();
        for (var n = 0; n < 10; n++)
        {
            answers.Add(await service.GetAsync("/conflict-policies", greedy));
        }

        var refused = answers.First(answer => answer.Status != 200);
        refused.IsProblem(429, "too-many-requests");
        Assert.Equal("1", refused.Headers["Retry-After"]);
        Assert.All(answers.Take(3), answer => Assert.Equal(200, answer.Status));
        Assert.Equal(200, (await service.GetAsync("/conflict-policies", GuardedService.Token("inventory.read", subject: "modest"))).Status);
        Assert.Equal(200, (await service.GetAsync("/health/live")).Status);
    }
}
