using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Inventory.Slices.Hosting;

/// <summary>Reads what lists take: <c>limit</c> and <c>cursor</c>.</summary>
public static class PageQuery
{
    /// <summary>How many items a page has when the request does not say.</summary>
    public const int PageItemsDefault = 50;

    /// <summary>How many items a page may have.</summary>
    public const int PageItemsMax = 200;

    /// <summary>Reads <c>limit</c>; false when it is no number from 1 to <see cref="PageItemsMax"/>.</summary>
    public static bool IsLimit(StringValues given, out int limit) => IsNumber(given, PageItemsDefault, PageItemsMax, out limit);

    /// <summary>Reads a number from 1 to a maximum, or takes what it is otherwise; false when it is neither.</summary>
    public static bool IsNumber<T>(StringValues given, T otherwise, T max, out T number) where T : struct, IBinaryInteger<T>
    {
        number = otherwise;
        return given.Count == 0
            || (given.Count == 1 && T.TryParse(given[0], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= T.One && number <= max);
    }

    /// <summary>Reads <c>true</c> or <c>false</c>; null when nothing is given.</summary>
    public static bool IsFlag(StringValues given, out bool? flag)
    {
        flag = given.Count == 1 ? given[0] switch { "true" => true, "false" => false, _ => null } : null;
        return given.Count == 0 || flag is not null;
    }

    /// <summary>The cursor behind an item: what the list is sorted by, its value there, and its id.</summary>
    public static string CursorOf(string sort, string value, Guid id) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{sort}|{id:D}|{value}"));

    /// <summary>Reads a cursor of a list that is sorted so; false when it is none.</summary>
    public static bool IsCursor(StringValues given, string sort, out (string Value, Guid Id)? cursor)
    {
        cursor = null;
        if (given.Count == 0)
        {
            return true;
        }

        if (given.Count != 1 || !Base64Url.IsValid(given[0])
            || Encoding.UTF8.GetString(Base64Url.DecodeFromChars(given[0])).Split('|', 3) is not [var sorted, var id, var value]
            || sorted != sort || !Ids.TryParse(id, out var after) || value.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        cursor = (value, after);
        return true;
    }
}
