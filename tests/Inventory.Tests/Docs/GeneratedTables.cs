using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Inventory.Tests.Architecture;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Docs;

/// <summary>The tables of docs/http.md that repeat the code are made of the code.</summary>
public sealed class GeneratedTables(Service service) : IClassFixture<Service>
{
    private static readonly string Document = Path.Combine(SourceTree.Root, "docs", "http.md");

    [Fact]
    public void Docs_http_is_current()
    {
        var expected = File.ReadAllText(Document);
        foreach (var (name, table) in Tables())
        {
            expected = Regex.Replace(
                expected, $@"(<!-- generated:{name} -->\n).*?(<!-- /generated:{name} -->)", match => match.Groups[1].Value + table + match.Groups[2].Value,
                RegexOptions.Singleline);
            Assert.Contains(table, expected, StringComparison.Ordinal);
        }

        if (expected != File.ReadAllText(Document))
        {
            File.WriteAllText(Document + ".received", expected);
            Assert.Fail($"docs/http.md does not say what the code does. Compare it with {Document}.received and move that over it.");
        }
    }

    private IEnumerable<(string Name, string Table)> Tables()
    {
        var routes = service.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Select(method => (Method: method, Path: "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))) ?? [])
            .OrderBy(route => route.Path, StringComparer.Ordinal).ThenBy(route => route.Method, StringComparer.Ordinal).ToList();
        Assert.Contains(("PUT", "/products/{product}/name"), routes);
        yield return ("routes", Table(["method", "path"], routes.Select(route => new[] { route.Method, $"`{route.Path}`" })));

        var commands = typeof(Program).Assembly.GetExportedTypes()
            .Select(type => (type.Name, Policy: type.GetCustomAttribute<OnConflictAttribute>()!)).Where(command => command.Policy is not null)
            .OrderBy(command => command.Name, StringComparer.Ordinal).ToList();
        Assert.Contains(commands, command => command.Name == "AdjustStock");
        yield return ("policies", Table(["command", "policy", "clashes with"], commands.Select(command => new[]
        {
            command.Name, command.Policy.Resolve.ToString(),
            command.Policy.StartsStream ? "– (it starts the stream)" : string.Join(", ", command.Policy.ClashesWith.Select(e => e.Name)),
        })));

        yield return ("problems", Table(["status", "type", "what it means", "what to do"], ProblemTypes.All.Values
            .OrderBy(type => type.Status).ThenBy(type => type.Slug, StringComparer.Ordinal)
            .Select(type => new[] { Number(type.Status), $"`/problems/{type.Slug}`", type.Meaning, type.NextStep })));

        yield return ("limits", Table(["limit", "value"], new[] { typeof(ProductLimits), typeof(HttpLimits), typeof(UnseenEvents) }
            .SelectMany(type => type.GetFields().Where(field => field.IsLiteral))
            .Select(field => new[] { field.Name, Number((int)field.GetRawConstantValue()!) })));
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Table(string[] head, IEnumerable<string[]> rows) =>
        string.Concat(new[] { head, [.. head.Select(_ => "---")] }.Concat(rows).Select(row => $"| {string.Join(" | ", row)} |\n"));
}
