using System.Globalization;
using System.Text;

namespace Inventory.Tests.HostileInput;

/// <summary>A request that somebody may send by mistake or on purpose, and what must be answered.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Slug">The problem type of the answer; null where the web server answers before the service does, or nothing is wrong.</param>
internal sealed record HostileRequest(string Name, int Status, string? Slug)
{
    /// <summary>In a path or a header, stands for the id of a product that is there at version 1.</summary>
    public const string Product = "{product}";

    /// <summary>A body that is fine where <see cref="Path"/> leads by default.</summary>
    public const string Sale = """{"delta":-1,"reason":"sale"}""";

    public string Method { get; init; } = "POST";

    public string Path { get; init; } = $"/products/{Product}/adjustments";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Null for none; a request with a body has its length.</summary>
    public byte[]? Body { get; init; }

    public string? ContentType { get; init; } = "application/json";

    /// <summary>The whole request as it is sent, when the members above cannot say it.</summary>
    public string? Raw { get; init; }

    /// <summary>How many events it must leave: what is only odd is accepted.</summary>
    public int Events { get; init; }

    /// <summary>Refused as malformed.</summary>
    public static HostileRequest Malformed(string name) => new(name, 400, "malformed-request");

    /// <summary>Refused for the values of its fields.</summary>
    public static HostileRequest Invalid(string name) => new(name, 400, "invalid-fields");

    /// <summary>Refused by the web server, in the way of the web server.</summary>
    public static HostileRequest Unheard(string name, int status = 400) => new(name, status, null);

    /// <summary>Odd, and allowed.</summary>
    public static HostileRequest Taken(string name) => new(name, 200, null) { Events = 1 };

    public HostileRequest With(string body) => With(Encoding.UTF8.GetBytes(body));

    public HostileRequest With(byte[] body) => this with { Body = body };

    public HostileRequest With(params (string Name, string Value)[] headers) => this with { Headers = headers, Body = Body ?? Encoding.UTF8.GetBytes(Sale) };

    public HostileRequest Get(string path) => this with { Method = "GET", Path = path };

    /// <summary>The bytes to send, to a product.</summary>
    public byte[] Bytes(Guid product)
    {
        var text = new StringBuilder(Raw ?? "");
        if (Raw is null)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Method} {Path} HTTP/1.1\r\nHost: localhost\r\n");
            foreach (var (name, value) in Headers)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            }

            if (Body is not null)
            {
                text.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
                text.Append(ContentType is null ? "" : $"Content-Type: {ContentType}\r\n");
            }

            text.Append("\r\n");
        }

        return [.. Encoding.Latin1.GetBytes(text.Replace(Product, product.ToString()).ToString()), .. Body ?? []];
    }

    public override string ToString() => Name;
}
