using System.Text.Json.Nodes;
using Inventory.Slices.Hosting;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Http;

/// <summary>What the OpenAPI document says. That the service keeps to it is held against every answer of every scenario (<see cref="Contract"/>).</summary>
public sealed class ApiReferenceScenarios(Service service, DatabaseServer server) : IClassFixture<Service>
{
    [Theory]
    [InlineData("/openapi/v1.json", "application/json;charset=utf-8")]
    [InlineData("/reference/", "text/html")]
    public async Task The_document_and_its_page_are_made_once_and_whoever_has_them_is_told_so(string path, string contentType)
    {
        var first = await service.Host.Scenario(scenario => scenario.Get.Url(path));
        var again = await service.Host.Scenario(scenario => scenario.Get.Url(path));
        var tag = first.Context.Response.Headers.ETag.ToString();

        Assert.StartsWith(contentType, first.Context.Response.ContentType, StringComparison.Ordinal);
        Assert.Matches("^\"[0-9a-f]+\"$", tag);
        Assert.Equal((tag, await first.ReadAsTextAsync()), (again.Context.Response.Headers.ETag.ToString(), await again.ReadAsTextAsync()));
        Assert.Equal("no-cache", first.Context.Response.Headers.CacheControl);
        await service.Host.Scenario(scenario =>
        {
            scenario.Get.Url(path);
            scenario.WithRequestHeader("If-None-Match", tag);
            scenario.StatusCodeShouldBe(304);
        });
    }

    [Fact]
    public async Task A_hundred_who_ask_for_the_document_at_once_cost_about_as_much_as_one()
    {
        await using var other = new Service(server);
        await other.InitializeAsync();
        var made = 0;
        other.Host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptionsMonitor<Microsoft.AspNetCore.OpenApi.OpenApiOptions>>().Get(ApiReference.DocumentName)
            .AddDocumentTransformer((_, _, _) =>
            {
                Interlocked.Increment(ref made);
                return Task.CompletedTask;
            });

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => other.Host.Scenario(scenario => scenario.Get.Url(ApiReference.DocumentPath))));

        Assert.Equal(1, made);
    }

    [Fact]
    public async Task Every_route_is_described()
    {
        var mapped = service.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => !IsTheReferenceItself(endpoint.RoutePattern.RawText!))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}"))
            .Order(StringComparer.Ordinal).ToList();
        Assert.Contains("PUT /products/{product}/name", mapped);

        var described = (await DocumentAsync())["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"))
            .Order(StringComparer.Ordinal);
        Assert.Equal(mapped, described);
    }

    [Fact]
    public async Task Every_problem_type_is_named_by_a_route_or_met_before_one_is_found()
    {
        var named = (await DocumentAsync())["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject())
            .SelectMany(operation => operation.Value!["responses"]!.AsObject())
            .SelectMany(response => response.Value!["content"]?[Problem.MediaType]?["examples"]?.AsObject().Select(example => example.Key) ?? [])
            .Distinct();
        Assert.Equal(
            ProblemTypes.All.Keys.Order(StringComparer.Ordinal),
            named.Append(ProblemTypes.MethodNotAllowed.Slug).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("post", "/products", "201 400 401 403 409 413 415 422 429 500 503", "Actor Idempotency-Key")]
    [InlineData("put", "/products/{product}/name", "200 400 401 403 404 409 412 413 415 422 428 429 500 503", "product Actor Idempotency-Key If-Match Seen-Version")]
    [InlineData("post", "/products/{product}/adjustments", "200 400 401 403 404 409 412 413 415 422 429 500 503", "product Actor Idempotency-Key If-Match Seen-Version")]
    [InlineData("post", "/products/{product}/reservations", "201 400 401 403 404 409 412 413 415 422 429 500 503", "product Actor Idempotency-Key If-Match Seen-Version")]
    [InlineData("post", "/adjustments", "200 400 401 403 404 409 413 415 422 429 500 503", "Actor Idempotency-Key")]
    [InlineData("get", "/products/{product}", "200 304 400 401 403 404 429 500 503", "product version at If-None-Match")]
    public async Task What_a_route_takes_and_answers_follows_from_its_command(string method, string path, string statuses, string parameters)
    {
        var operation = (await DocumentAsync())["paths"]![path]![method]!;

        Assert.Equal(statuses, string.Join(' ', operation["responses"]!.AsObject().Select(response => response.Key)));
        Assert.Equal(parameters, string.Join(' ', operation["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.GetValue<string>())));
    }

    [Fact]
    public async Task Every_body_and_every_answer_in_JSON_has_an_example()
    {
        var document = await DocumentAsync();
        var contents = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!)
            .SelectMany(operation => operation["responses"]!.AsObject().Select(response => response.Value!).Append(operation["requestBody"] ?? new JsonObject()))
            .SelectMany(message => message["content"]?.AsObject().Where(content => content.Key.EndsWith("json", StringComparison.Ordinal)).Select(content => content.Value!) ?? [])
            // An empty object has nothing to show.
            .Where(content => content["schema"]!["$ref"] is not { } schema || document["components"]!["schemas"]![$"{schema}".Split('/')[^1]]!["properties"] is not null)
            .ToList();

        Assert.True(contents.Count > 100);
        Assert.All(contents, content => Assert.True(content["example"] is not null || content["examples"] is JsonObject { Count: > 0 }, content["schema"]!.ToJsonString()));
    }

    [Fact]
    public async Task The_page_to_read_it_on_loads_nothing_from_elsewhere()
    {
        var page = await service.GetAsync($"{ApiReference.PagePath}/");

        Assert.Equal((200, "text/html"), (page.Status, page.ContentType?.Split(';')[0]));
        Assert.DoesNotContain("//", page.Text.Replace("://localhost", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private async Task<JsonNode> DocumentAsync() => JsonNode.Parse((await service.GetAsync(ApiReference.DocumentPath)).Text)!;

    private static bool IsTheReferenceItself(string path) =>
        path.Contains(ApiReference.DocumentPath, StringComparison.Ordinal) || path.Contains(ApiReference.PagePath.TrimStart('/'), StringComparison.Ordinal);
}
