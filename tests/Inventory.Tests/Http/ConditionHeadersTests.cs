using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Inventory.Tests.Http;

public sealed class ConditionHeadersTests
{
    [Theory]
    [InlineData("\"7\"", "7")]
    [InlineData("\"7\", \"8\"", "7 8")]
    [InlineData("\"7\",\"8\"", "7 8")]
    [InlineData("\"7\" ,\t\"8\"", "7 8")]
    [InlineData("W/\"7\", \"8\"", "8")]
    [InlineData("W/\"7\"", "")]
    [InlineData("\"07\"", "")]
    [InlineData("\"-7\"", "")]
    [InlineData("\"abc,def\"", "")]
    [InlineData("\"\"", "")]
    [InlineData("\"99999999999999999999\"", "")]
    public void Entity_tags_are_compared_strongly(string ifMatch, string versions)
    {
        var precondition = ConditionHeaders.Read(Headers(("If-Match", ifMatch)), out var fault);

        Assert.Null(fault);
        Assert.Equal(versions, string.Join(' ', Assert.IsType<Precondition.AtVersion>(precondition).Versions));
    }

    [Fact]
    public void Several_lines_are_one_list()
    {
        var precondition = ConditionHeaders.Read(Headers(("If-Match", "\"7\""), ("If-Match", "\"8\"")), out _);

        Assert.Equal([7L, 8L], Assert.IsType<Precondition.AtVersion>(precondition).Versions);
    }

    [Fact]
    public void A_star_means_any_version() =>
        Assert.IsType<Precondition.AnyVersion>(ConditionHeaders.Read(Headers(("If-Match", "*")), out _));

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("\"7")]
    [InlineData("7\"")]
    [InlineData("\"7\" \"8\"")]
    [InlineData("\"7\",")]
    [InlineData(",\"7\"")]
    [InlineData("*, \"7\"")]
    [InlineData("w/\"7\"")]
    [InlineData("\"a b\"")]
    [InlineData("'7'")]
    public void A_malformed_if_match_is_never_ignored(string ifMatch)
    {
        ConditionHeaders.Read(Headers(("If-Match", ifMatch)), out var fault);

        Assert.StartsWith("If-Match takes", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void More_entity_tags_than_the_limit_are_refused()
    {
        ConditionHeaders.Read(Headers(("If-Match", string.Join(',', Enumerable.Repeat("\"1\"", 101)))), out var fault);

        Assert.NotNull(fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("01")]
    [InlineData(" 1x")]
    [InlineData("1.0")]
    [InlineData("\"1\"")]
    [InlineData("9223372036854775808")]
    public void A_malformed_seen_version_is_never_ignored(string seenVersion)
    {
        ConditionHeaders.Read(Headers(("Seen-Version", seenVersion)), out var fault);

        Assert.StartsWith("Seen-Version takes", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_seen_versions_are_refused()
    {
        ConditionHeaders.Read(Headers(("Seen-Version", "1"), ("Seen-Version", "2")), out var fault);

        Assert.NotNull(fault);
    }

    [Fact]
    public void With_both_headers_if_match_rules_and_seen_version_must_be_well_formed()
    {
        Assert.IsType<Precondition.AtVersion>(
            ConditionHeaders.Read(Headers(("If-Match", "\"7\""), ("Seen-Version", "6")), out _));

        ConditionHeaders.Read(Headers(("If-Match", "\"7\""), ("Seen-Version", "x")), out var fault);
        Assert.NotNull(fault);
    }

    private static HeaderDictionary Headers(params (string Name, string Value)[] lines)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in lines)
        {
            headers[name] = StringValues.Concat(headers[name], value);
        }

        return headers;
    }
}
