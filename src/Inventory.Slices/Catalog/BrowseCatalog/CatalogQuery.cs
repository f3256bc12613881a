using System.Globalization;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Npgsql;
using NpgsqlTypes;

namespace Inventory.Slices.Catalog;

/// <summary>The question for a page of the catalogue.</summary>
internal sealed class CatalogQuery
{
    /// <summary>The longest <c>search</c>, in characters.</summary>
    public const int SearchCharactersMax = 100;

    // Below this many letters everything is like everything.
    private const int SimilarFromCharacters = 4;

    private const string Relevance = "relevance";

    private static readonly Dictionary<string, (string Key, NpgsqlDbType Type, bool Descending)> Sorts = new()
    {
        ["sku"] = ("sku_key", NpgsqlDbType.Text, false),
        ["-sku"] = ("sku_key", NpgsqlDbType.Text, true),
        ["name"] = ("name_key", NpgsqlDbType.Text, false),
        ["-name"] = ("name_key", NpgsqlDbType.Text, true),
        ["available"] = ("available", NpgsqlDbType.Integer, false),
        ["-available"] = ("available", NpgsqlDbType.Integer, true),
        [Relevance] = ("rank", NpgsqlDbType.Integer, false),
    };

    private string[] _words = [];
    private bool? _low;
    private bool? _discontinued;
    private (string Value, Guid Id)? _after;

    private CatalogQuery(string sort, int limit) => (Sort, Limit) = (sort, limit);

    /// <summary>What it is sorted by.</summary>
    public string Sort { get; }

    /// <summary>How many products a page has.</summary>
    public int Limit { get; }

    /// <summary>Reads the question; the problem says what is wrong with it.</summary>
    public static (CatalogQuery? Query, Problem? Problem) Read(IQueryCollection query)
    {
        var search = query["search"].Count == 0 ? null : query["search"].ToString().Trim();
        if (query["search"].Count > 1 || search is { Length: 0 or > SearchCharactersMax }
            || (search is not null && (search.Any(char.IsControl) || !Shape.IsCharacters(search))))
        {
            return (null, Problem.Malformed($"search is one text of 1 to {SearchCharactersMax} characters."));
        }

        var sort = query["sort"].Count == 0 ? search is null ? "sku" : Relevance : query["sort"].ToString();
        if (!Sorts.TryGetValue(sort, out var sorted) || (sort == Relevance && search is null))
        {
            return (null, Problem.Malformed("sort is one of sku, name and available, with “-” before it for the other way round, or with search also relevance."));
        }

        if (!PageQuery.IsFlag(query["lowStock"], out var low) || !PageQuery.IsFlag(query["discontinued"], out var discontinued)
            || !PageQuery.IsLimit(query["limit"], out var limit) || !PageQuery.IsCursor(query["cursor"], sort, out var after)
            || (after is { } cursor && sorted.Type == NpgsqlDbType.Integer && !int.TryParse(cursor.Value, CultureInfo.InvariantCulture, out _)))
        {
            return (null, Problem.Malformed(
                $"lowStock and discontinued are true or false, limit a number from 1 to {PageQuery.PageItemsMax}, and cursor what “next” of the page before said, with the same sort."));
        }

        return (new CatalogQuery(sort, limit)
        {
            _words = search is null ? [] : SearchText.Fold(search).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
            _low = low,
            _discontinued = discontinued,
            _after = after,
        }, null);
    }

    /// <summary>The query: the columns of <see cref="ProductListItem.Columns"/>, then the value it is sorted by. One row more than the page has.</summary>
    public NpgsqlBatchCommand Command(string schema)
    {
        var command = new NpgsqlBatchCommand();
        var (key, type, descending) = Sorts[Sort];
        var where = new List<string>();
        var rank = "0";
        if (_words.Length > 0)
        {
            var whole = string.Join(' ', _words);
            var all = string.Join(" and ", _words.Select(word => $"search like {Parameter($"%{Literal(word)}%")}"));
            // What is only like it is shown when nothing is it: somebody has mistyped.
            where.Add(whole.Length < SimilarFromCharacters
                ? $"({all})"
                : $"({all} or ({Parameter(whole)} <% search and not exists (select from {schema}{ProductListTable.Name} where {all})))");
            rank =
                $"""
                 case when search like {Parameter($"{Literal(whole)} %")} then 0 when search like {Parameter($"{Literal(whole)}%")} then 1
                      when name_key like {Parameter($"{Literal(whole)}%")} then 2 when search like {Parameter($"% {Literal(whole)}%")} then 3
                      when {all} then 4 else 5 end
                 """;
        }

        if (_low is { } low)
        {
            where.Add(low ? "low" : "not low");
        }

        if (_discontinued is { } discontinued)
        {
            where.Add(discontinued ? "discontinued" : "not discontinued");
        }

        var (order, behind) = descending ? ("desc", "<") : ("asc", ">");
        var cut = _after is { } after
            ? $"where ({key}, product_id) {behind} ({Parameter(type == NpgsqlDbType.Integer ? int.Parse(after.Value, CultureInfo.InvariantCulture) : after.Value)}, {Parameter(after.Id)})"
            : "";
        command.CommandText =
            $"""
             select {ProductListItem.Columns}, {key}::text as sorted_by
             from (select *, {rank} as rank from {schema}{ProductListTable.Name}{(where.Count > 0 ? $" where {string.Join(" and ", where)}" : "")}) listed
             {cut} order by {key} {order}, product_id {order} limit {Parameter(Limit + 1)}
             """;
        return command;

        string Parameter(object value)
        {
            command.Parameters.Add(new() { Value = value });
            return $"${command.Parameters.Count}";
        }
    }

    private static string Literal(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}
