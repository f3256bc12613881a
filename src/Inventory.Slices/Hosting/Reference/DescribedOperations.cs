using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Inventory.Conflicts;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Inventory.Slices.Hosting;

/// <summary>Fills an operation of the OpenAPI document from what its route and its command declare.</summary>
internal sealed partial class DescribedOperations : IOpenApiOperationTransformer
{
    private static readonly ProblemType[] OfEveryRoute = [ProblemTypes.MalformedRequest, ProblemTypes.InternalError, ProblemTypes.Unavailable];

    private static readonly ProblemType[] OfEveryGuardedRoute = [ProblemTypes.TokenRequired, ProblemTypes.ScopeRequired, ProblemTypes.TooManyRequests];

    private static readonly Dictionary<string, string> PathParameters = new()
    {
        ["product"] = "The product's id, or its SKU as sku:W-1.",
        ["reservation"] = "The reservation's id.",
        ["id"] = "The id that the answer's Location named.",
        ["slug"] = "The last part of a problem's type.",
    };

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var (metadata, path) = (context.Description.ActionDescriptor.EndpointMetadata, context.Description.RelativePath!);
        var described = metadata.OfType<OperationAttribute>().Single();
        operation.Summary = described.Summary;
        operation.Description = Description(described);
        operation.OperationId = $"{context.Description.HttpMethod!.ToLowerInvariant()}-{NotInAName().Replace(path, "-").Trim('-')}";
        operation.Tags = new HashSet<OpenApiTagReference> { new(path.Split('/', '.')[0], context.Document) };
        operation.Parameters = [];
        foreach (var name in PathParameters.Keys.Where(name => path.Contains($"{{{name}}}", StringComparison.Ordinal)))
        {
            operation.Parameters.Add(Parameter(ParameterLocation.Path, name, Text, PathParameters[name]));
        }

        foreach (var query in metadata.OfType<QueryAttribute>())
        {
            operation.Parameters.Add(Parameter(
                ParameterLocation.Query, query.Name, await context.GetOrCreateSchemaAsync(query.Type, cancellationToken: cancellationToken), query.Description));
        }

        foreach (var (name, description) in RequestHeaders(described))
        {
            operation.Parameters.Add(Parameter(ParameterLocation.Header, name, Text, description));
        }

        if (described.Body is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [body.MediaType] = new() { Schema = await ComponentAsync(body.Type, schema => schema.AdditionalPropertiesAllowed = false, context, cancellationToken) },
                },
            };
        }

        // The framework takes the handler's return type for an answer, and adds 404.
        foreach (var guessed in operation.Responses!.Keys.Where(status => !IsDeclared(metadata, status)).ToList())
        {
            operation.Responses.Remove(guessed);
        }

        foreach (var response in operation.Responses.Values)
        {
            var headers = AnswerHeaders(described).ToDictionary(header => header.Name, IOpenApiHeader (header) => Header(header.Description));
            ((OpenApiResponse)response).Headers = headers.Count > 0 ? headers : null;
        }

        if (described is ShowsAttribute { Versioned: true })
        {
            operation.Responses["304"] = new OpenApiResponse { Description = "If-None-Match names the version it is at." };
        }

        if (described.Scope != Scope.None)
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiReference.Bearer, context.Document)] = [Scopes.NameOf(described.Scope)] }];
        }

        var atTheDoor = described.Scope == Scope.None ? [] : OfEveryGuardedRoute;
        foreach (var problems in OfEveryRoute.Concat(atTheDoor).Concat(described.Problems).Distinct().SelectMany(Statuses).GroupBy(p => p.Status, p => p.Type).OrderBy(p => p.Key))
        {
            operation.Responses[problems.Key.ToString(CultureInfo.InvariantCulture)] = await ProblemsAsync(problems.Key, [.. problems], context, cancellationToken);
        }
    }

    private static string Description(OperationAttribute described)
    {
        var access = described.Scope == Scope.None ? "Open to all." : $"Where authentication is configured, a token with the scope `{Scopes.NameOf(described.Scope)}` is needed.";
        return described switch
        {
            ChangesAttribute { Policy: { StartsStream: false } policy } =>
                $"{access} Conflicts: **{policy.Resolve}**; {Clashes(policy)} `GET /conflict-policies` says what that means.",
            ShowsProjectedAttribute => $"{access} The list may be a moment behind what was written, and says so in `freshness`.",
            _ => access,
        };
    }

    private static string Clashes(OnConflictAttribute policy) => policy.ClashesWith is { Length: > 0 } events
        ? $"it clashes with an unseen {string.Join(", ", events.Select(e => e.Name))}."
        : "it clashes with nothing.";

    private static bool IsDeclared(IEnumerable<object> metadata, string status) => metadata.OfType<IProducesResponseTypeMetadata>()
        .Any(answer => answer.Type is { } type && type != typeof(IResult) && type != typeof(void) && answer.StatusCode.ToString(CultureInfo.InvariantCulture) == status);

    private static OpenApiSchema Text => new() { Type = JsonSchemaType.String };

    /// <summary>A conflict is told with two statuses, every other problem with one.</summary>
    private static IEnumerable<(int Status, ProblemType Type)> Statuses(ProblemType type) => type == ProblemTypes.VersionConflict
        ? [(type.Status, type), (StatusCodes.Status412PreconditionFailed, type)]
        : [(type.Status, type)];

    private static OpenApiParameter Parameter(ParameterLocation location, string name, IOpenApiSchema schema, string description) =>
        new() { In = location, Name = name, Schema = schema, Description = description, Required = location == ParameterLocation.Path };

    private static OpenApiHeader Header(string description) => new() { Description = description, Schema = Text };

    private static IEnumerable<(string Name, string Description)> RequestHeaders(OperationAttribute described)
    {
        if (described is ShowsAttribute { Versioned: true })
        {
            yield return (HeaderNames.IfNoneMatch, "The ETag of the answer you have: 304 when it is still true.");
        }

        if (described is ShowsProjectedAttribute)
        {
            yield return (ReadAfter.Header, "Products with the version that the answer has to contain, such as 019c2a5e-7f00-7000-8000-000000000001@7: what you wrote. Up to 100; repeatable.");
            yield return (ReadAfter.PreferHeader, "wait=5 waits so many seconds for them (default 2, at most 30); handling=strict answers 503 rather than without them (RFC 7240).");
        }

        if (described is not ShowsAttribute)
        {
            yield return (Actors.Header, "Who you are, while no authentication is configured.");
        }

        if (described is ChangesAttribute change)
        {
            yield return (IdempotencyKeys.Header, "The same key and request again gives the same answer again, and takes effect once. 1 to 255 visible ASCII characters.");
            if (change.TakesVersion)
            {
                var needed = change.Policy.Resolve == Resolve.Reject ? " This or the other is needed." : "";
                yield return (HeaderNames.IfMatch, $"Strict (RFC 9110, section 13.1.1): only if the product is at this version, else 412.{needed}");
                yield return (ConditionHeaders.SeenVersion, $"The version you decided on: 409 only when a later change clashes.{needed}");
            }
        }
    }

    private static IEnumerable<(string Name, string Description)> AnswerHeaders(OperationAttribute described)
    {
        if (described is ShowsAttribute { Versioned: true } or ChangesAttribute { IsOnMany: false })
        {
            yield return (HeaderNames.ETag, "The product's version.");
        }

        if (described is ChangesAttribute)
        {
            yield return (IdempotencyKeys.ReplayedHeader, "true when this answer was given before under the same key.");
        }

        if (described.SaysWhere)
        {
            yield return (HeaderNames.Location, "Where it is.");
        }
    }

    private static async Task<OpenApiResponse> ProblemsAsync(
        int status, IReadOnlyList<ProblemType> types, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var any = await ComponentAsync(typeof(ProblemShape), schema => schema.AdditionalProperties = new OpenApiSchema(), context, cancellation);
        var conflict = await ComponentAsync(typeof(VersionConflictShape), _ => { }, context, cancellation);
        var schemas = types.Select(type => type == ProblemTypes.VersionConflict ? conflict : any).Distinct().ToList();
        var headers = new Dictionary<string, IOpenApiHeader>();
        if (status == StatusCodes.Status503ServiceUnavailable || types.Contains(ProblemTypes.RequestInFlight) || types.Contains(ProblemTypes.TooManyRequests))
        {
            headers[HeaderNames.RetryAfter] = Header("After how many seconds to send the request again.");
        }

        if (types.Contains(ProblemTypes.TokenRequired) || types.Contains(ProblemTypes.ScopeRequired))
        {
            headers[HeaderNames.WWWAuthenticate] = Header("What is wrong with the token (RFC 6750, section 3).");
        }

        return new OpenApiResponse
        {
            Description = string.Join("\n", types.Select(type => $"- `/problems/{type.Slug}`: {type.Title}. {type.NextStep}")),
            Headers = headers.Count > 0 ? headers : null,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Problem.MediaType] = new()
                {
                    Schema = schemas is [var only] ? only : new OpenApiSchema { AnyOf = [.. schemas] },
                    Examples = types.ToDictionary(type => type.Slug, IOpenApiExample (type) => new OpenApiExample
                    {
                        Summary = type.Title,
                        Value = Example(type, status),
                    }),
                },
            },
        };
    }

    /// <summary>A conflict has a story to tell; every other problem looks much the same each time.</summary>
    private static JsonNode? Example(ProblemType type, int status)
    {
        var example = type == ProblemTypes.VersionConflict ? Examples.Of("VersionConflict")! : JsonNode.Parse(new Problem(type).Body("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))!;
        example["status"] = status;
        return example;
    }

    private static async Task<IOpenApiSchema> ComponentAsync(
        Type type, Action<OpenApiSchema> change, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var schema = await context.GetOrCreateSchemaAsync(type, cancellationToken: cancellation);
        if (schema.Type != JsonSchemaType.Object)
        {
            return schema;
        }

        var name = type.Name.Replace("Shape", "", StringComparison.Ordinal);
        if (context.Document!.Components?.Schemas?.ContainsKey(name) != true)
        {
            change(schema);
            context.Document.AddComponent(name, schema);
        }

        return new OpenApiSchemaReference(name, context.Document);
    }

    [GeneratedRegex("[^a-z]+")]
    private static partial Regex NotInAName();
}
