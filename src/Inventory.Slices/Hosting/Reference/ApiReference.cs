using System.Net.Mime;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Inventory.Slices.Hosting;

/// <summary>The OpenAPI document and a page to read it and try it on.</summary>
public static class ApiReference
{
    /// <summary>Where the document is.</summary>
    public const string DocumentPath = "/openapi/v1.json";

    /// <summary>The document's name.</summary>
    internal const string DocumentName = "v1";

    /// <summary>The security scheme's name in the document.</summary>
    internal const string Bearer = "bearer";

    /// <summary>Where the page is.</summary>
    public const string PagePath = "/reference";

    /// <summary>What the first parts of paths are about.</summary>
    private static readonly Dictionary<string, string> Areas = new()
    {
        ["adjustments"] = "Changes to several products, all or none.",
        ["caller"] = "Who you are to the service.",
        ["changes"] = "What happens to all products, as it happens.",
        ["conflict-policies"] = "Which command clashes with which change, and what its caller gets.",
        ["conflicts"] = "Which commands met which changes, and how it ended.",
        ["health"] = "How the process is.",
        ["imports"] = "Files of products and stock, line by line.",
        ["problems"] = "Readable pages about the kinds of problems.",
        ["products"] = "Products: their stock, their past, and the commands that change them.",
        ["reservations"] = "Units promised to somebody for a time.",
        ["stock"] = "Stock across products: what is low, and what moved.",
    };

    /// <summary>Adds the document.</summary>
    public static void AddApiReference(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            HttpJson.Apply(json.SerializerOptions);
            // Only bodies are closed: answers may have more members one day.
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip;
        });
        services.AddSingleton<KeptDocument>();
        services.AddOpenApi(DocumentName, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = description => description.ActionDescriptor.EndpointMetadata.OfType<OperationAttribute>().Any();
            options.AddDocumentTransformer(DescribeServiceAsync);
            options.AddOperationTransformer(new DescribedOperations());
        });
    }

    /// <summary>Serves the document and its page.</summary>
    public static void MapApiReference(this WebApplication app)
    {
        var document = app.Services.GetRequiredService<KeptDocument>();
        app.MapGet(DocumentPath, document.AnswerAsync).AllowAnonymous();
        app.MapScalarApiReference(PagePath, options => options.WithTitle("Inventory.Slices").WithOpenApiRoutePattern(DocumentPath).DisableDefaultFonts())
            .AllowAnonymous().Add(KeepPage);
    }

    /// <summary>Makes the page once: it is the same for everybody. Its script has an entity tag already.</summary>
    private static void KeepPage(EndpointBuilder endpoint)
    {
        var (make, kept) = (endpoint.RequestDelegate!, (KeptDocument.Kept?)null);
        endpoint.RequestDelegate = async http =>
        {
            if (http.Request.Path.Value?.TrimEnd('/') is not PagePath)
            {
                await make(http);
                return;
            }

            if (kept is null)
            {
                var (taken, answer) = (http.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), new MemoryStream());
                http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer, taken));
                try
                {
                    await make(http);
                    await http.Response.BodyWriter.FlushAsync();
                }
                finally
                {
                    http.Features.Set(taken);
                }

                if (http.Response.StatusCode != StatusCodes.Status200OK)
                {
                    // It leads to the same page by another address.
                    await http.Response.Body.WriteAsync(answer.ToArray());
                    return;
                }

                kept = new KeptDocument.Kept(answer.ToArray(), http.Response.ContentType ?? MediaTypeNames.Text.Html);
                http.Response.Headers.ContentLength = null;
            }

            await kept.AnswerAsync(http);
        };
    }

    private static Task DescribeServiceAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Inventory.Slices",
            Version = "1",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
            Description = "An inventory service that tells whoever meets a write conflict what changed, by whom, and what they can do now.",
        };
        // The address it is asked at; what a proxy makes of it is not known here.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = document.Paths.Values.SelectMany(path => path.Operations!.Values).SelectMany(operation => operation.Tags!).Select(tag => tag.Reference.Id!)
            .Distinct().Order(StringComparer.Ordinal).Select(name => new OpenApiTag { Name = name, Description = Areas[name] }).ToHashSet();
        document.Paths = Sorted<OpenApiPaths, IOpenApiPathItem>(document.Paths);
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations!.Values))
        {
            AddExamples(operation.RequestBody?.Content);
            foreach (var response in operation.Responses!.Values)
            {
                AddExamples(response.Content);
            }

            operation.Responses = Sorted<OpenApiResponses, IOpenApiResponse>(operation.Responses!);
        }

        document.AddComponent(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "Needed where authentication is configured. A service without it listens on loopback only and takes every caller's word.",
        });

        // Left over from the framework's guess at what handlers answer.
        document.Components?.Schemas?.Remove(nameof(IResult));
        return Task.CompletedTask;
    }

    private static void AddExamples(IDictionary<string, OpenApiMediaType>? contents)
    {
        foreach (var content in contents?.Values ?? [])
        {
            if (content.Schema is OpenApiSchemaReference { Reference.Id: { } schema })
            {
                content.Example ??= content.Examples is null ? Examples.Of(schema) : null;
            }
        }
    }

    private static TMap Sorted<TMap, T>(IDictionary<string, T> map) where TMap : IDictionary<string, T>, new()
    {
        var sorted = new TMap();
        foreach (var (key, value) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            sorted.Add(key, value);
        }

        return sorted;
    }
}
