using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Insight;
using Inventory.Slices.Products;
using Inventory.Tests.Architecture;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Docs;

/// <summary>The tables of the documents that repeat the code are made of the code.</summary>
public sealed partial class GeneratedTables(Service service) : IClassFixture<Service>
{
    [Fact]
    public void Docs_http_is_current() => IsCurrent("docs/http.md", Http());

    [Fact]
    public void Docs_conflicts_is_current() => IsCurrent(
        "docs/conflicts.md", [("matrix", Matrix(PolicyMatrix.Current)), ("metrics", Metrics(ConflictMetrics.MeterName))]);

    [Fact]
    public void Docs_operations_is_current() => IsCurrent("docs/operations.md", [("metrics", Metrics(ServiceMetrics.MeterName))]);

    [Fact]
    public void The_read_me_of_the_mechanism_is_current() => IsCurrent(
        "src/Inventory.Conflicts/README.md",
        [("options", Options<ConflictOptions>("Sending")), ("admission", Options<AdmissionOptions>("Admission"))]);

    private static void IsCurrent(string path, IEnumerable<(string Name, string Table)> tables)
    {
        var document = Path.Combine(SourceTree.Root, path);
        var written = File.ReadAllText(document);
        var expected = written;
        foreach (var (name, table) in tables)
        {
            expected = Regex.Replace(
                expected, $@"(<!-- generated:{name} -->\n).*?(<!-- /generated:{name} -->)", match => match.Groups[1].Value + table + match.Groups[2].Value,
                RegexOptions.Singleline);
            Assert.Contains(table, expected, StringComparison.Ordinal);
        }

        if (expected != written)
        {
            File.WriteAllText(document + ".received", expected);
            Assert.Fail($"{path} does not say what the code does. Compare it with {document}.received and move that over it.");
        }
    }

    private IEnumerable<(string Name, string Table)> Http()
    {
        var routes = service.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<OperationAttribute>() is not null)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => (
                Method: method, Path: "/" + endpoint.RoutePattern.RawText!.TrimStart('/'), endpoint.Metadata.GetMetadata<OperationAttribute>()!.Summary)))
            .OrderBy(route => route.Path, StringComparer.Ordinal).ThenBy(route => route.Method, StringComparer.Ordinal).ToList();
        Assert.Contains(("PUT", "/products/{product}/name", "Give a product another name"), routes);
        yield return ("routes", Table(["method", "path", "what it does"], routes.Select(route => new[] { route.Method, $"`{route.Path}`", route.Summary })));

        yield return ("problems", Table(["status", "type", "what it means", "what to do"], ProblemTypes.All.Values
            .OrderBy(type => type.Status).ThenBy(type => type.Slug, StringComparer.Ordinal)
            .Select(type => new[] { Number(type.Status), $"`/problems/{type.Slug}`", type.Meaning, type.NextStep })));

        yield return ("limits", Table(["limit", "value"], new[] { typeof(ProductLimits), typeof(HttpLimits), typeof(UnseenEvents), typeof(PageQuery), typeof(ReadAfter) }
            .SelectMany(type => type.GetFields().Where(field => field.IsLiteral && field.FieldType == typeof(int)))
            .Select(field => new[] { field.Name, Number((int)field.GetRawConstantValue()!) })));
    }

    private static string Matrix(PolicyMatrix matrix)
    {
        Assert.Contains(matrix.Commands, command => command.Name == "AdjustStock");
        return Table(["command", "policy", "clashes with", "compatible with"], matrix.Commands.Select(command => new[]
        {
            command.Name, command.Policy,
            command.StartsStream ? "– (it starts the stream)" : Names(command.ClashesWith),
            command.StartsStream ? "–" : Names(command.CompatibleWith),
        }));
    }

    /// <summary>What one of the service's meters has published.</summary>
    private string Metrics(string meter)
    {
        var meters = service.Host.Services.GetRequiredService<IMeterFactory>();
        service.Host.Services.GetRequiredService<Admission>();
        var instruments = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == meter && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                instruments.Add(instrument);
            }
        };
        listener.Start();
        Assert.NotEmpty(instruments);
        return Table(["metric", "kind", "unit", "what it says"], instruments.OrderBy(i => i.Name, StringComparer.Ordinal).Select(i => new[]
        {
            $"`{i.Name}`", i.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal).ToLowerInvariant(), $"`{i.Unit}`", i.Description!,
        }));
    }

    /// <summary>
    /// What an option means is said where it is declared. That comment ends in its default and its range, which are
    /// compared with those in force.
    /// </summary>
    private static string Options<T>(string folder) where T : new()
    {
        var source = File.ReadAllText(Path.Combine(SourceTree.Root, "src", "Inventory.Conflicts", folder, $"{typeof(T).Name}.cs"));
        var comments = Comment().Matches(source).ToDictionary(match => match.Groups["name"].Value, match => Plain(match.Groups["summary"].Value));
        var defaults = new T();
        return Table(["option", "default", "allowed", "what it bounds"], typeof(T).GetProperties().Select(option =>
        {
            var range = option.GetCustomAttribute<RangeAttribute>();
            Assert.True(range is not null, $"{option.Name} has no [Range].");
            var (value, allowed) = (Amount(option.GetValue(defaults)!), $"{Bound(range, range.Minimum)} to {Bound(range, range.Maximum)}");
            var said = comments.GetValueOrDefault(option.Name, "");
            var ending = $" Default {value}; {allowed}.";
            Assert.True(said.EndsWith(ending, StringComparison.Ordinal), $"The comment of {option.Name} should end in “{ending}”: {said}");
            return new[] { $"`{option.Name}`", value, allowed, said[..^ending.Length] };
        }));
    }

    private static string Plain(string summary) =>
        Regex.Replace(Regex.Replace(Regex.Replace(summary, @"\s*///\s*", " "), @"<see cref=""(\w+)""/>|<c>(.*?)</c>", "`$1$2`"), @"\s+", " ").Trim();

    private static string Bound(RangeAttribute range, object bound) => range.OperandType == typeof(TimeSpan)
        ? Amount(TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture))
        : Amount(bound);

    private static string Amount(object amount) => amount switch
    {
        TimeSpan { Ticks: 0 } => "0",
        TimeSpan { TotalSeconds: < 1 } time => $"{Number((int)time.TotalMilliseconds)} ms",
        TimeSpan { TotalMinutes: < 1 } time => $"{Number((int)time.TotalSeconds)} s",
        TimeSpan { TotalHours: < 1 } time => $"{Number((int)time.TotalMinutes)} min",
        TimeSpan { TotalDays: < 1 } time => $"{Number((int)time.TotalHours)} h",
        TimeSpan time => $"{Number((int)time.TotalDays)} days",
        _ => Number((int)amount),
    };

    private static string Names(IReadOnlyList<string> names) => names.Count == 0 ? "–" : string.Join(", ", names);

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Table(string[] head, IEnumerable<string[]> rows) =>
        string.Concat(new[] { head, [.. head.Select(_ => "---")] }.Concat(rows).Select(row => $"| {string.Join(" | ", row)} |\n"));

    [GeneratedRegex(@"/// <summary>(?<summary>(?:(?!<summary>).)*?)</summary>\s*\[Range[^\n]*\n\s*public \w+ (?<name>\w+)", RegexOptions.Singleline)]
    private static partial Regex Comment();
}
