using System.Text;
using System.Text.Json;

namespace Inventory.Verification.Histories;

/// <summary>
/// Reads the lines of a history's files, member by member: a history has millions of them, and the serializer would take more than half of the
/// time of a check.
/// </summary>
internal static class HistoryReader
{
    private const byte EndOfLine = (byte)'\n';

    private delegate T Item<out T>(ref Utf8JsonReader json, Texts texts);

    /// <summary>The operations of a client's file. A client does one thing after the other, so the lines of an operation stand together.</summary>
    public static List<Operation> Operations(string file)
    {
        var operations = new List<Operation>();
        var lines = new List<HistoryLine>();
        ForEachLine(file, Line, line =>
        {
            if (lines.Count > 0 && lines[0].Op != line.Op)
            {
                operations.Add(Operation(lines));
                lines.Clear();
            }

            lines.Add(line);
        });
        return lines.Count > 0 ? [.. operations, Operation(lines)] : operations;
    }

    private static Operation Operation(List<HistoryLine> lines)
    {
        var attempts = new Attempt[lines.Count(line => line.Request is not null)];
        foreach (var begun in lines.Where(line => line.Request is not null))
        {
            var ended = lines.Find(line => line.Reply is not null && line.Attempt == begun.Attempt);
            attempts[begun.Attempt] = new Attempt(begun.Node, begun.T, ended?.T ?? Attempt.Never, ended?.Reply, begun.OtherBody);
        }

        return new Operation(lines[0].Op, lines[0].Client, lines[0].Request!, attempts);
    }

    /// <summary>The events.</summary>
    public static List<LoggedEvent> Log(string file) => Lines(file, Event);

    /// <summary>What a follower was told.</summary>
    public static List<ToldEvent> Told(string file) => Lines(file, Told);

    private static List<T> Lines<T>(string file, Item<T> item)
    {
        var lines = new List<T>();
        ForEachLine(file, item, lines.Add);
        return lines;
    }

    private static void ForEachLine<T>(string file, Item<T> item, Action<T> take)
    {
        var texts = new Texts();
        var rest = File.ReadAllBytes(file).AsSpan();
        while (TryTakeLine(ref rest, out var line))
        {
            var json = new Utf8JsonReader(line);
            json.Read();
            take(item(ref json, texts));
        }
    }

    private static bool TryTakeLine(ref Span<byte> rest, out ReadOnlySpan<byte> line)
    {
        // A process that died in the middle of a line leaves a line without an end, which counts as not written.
        var end = rest.IndexOf(EndOfLine);
        line = end < 0 ? default : rest[..end];
        rest = rest[(end + 1)..];
        return end >= 0;
    }

    private static HistoryLine Line(ref Utf8JsonReader json, Texts texts)
    {
        var (t, client, operation, attempt, node) = (0L, 0, "", 0, 0);
        Request? request = null;
        Reply? reply = null;
        var otherBody = false;
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("t"u8): t = json.GetInt64(); break;
                case var _ when name.SequenceEqual("client"u8): client = json.GetInt32(); break;
                case var _ when name.SequenceEqual("op"u8): operation = texts.Running(ref json); break;
                case var _ when name.SequenceEqual("attempt"u8): attempt = json.GetInt32(); break;
                case var _ when name.SequenceEqual("node"u8): node = json.GetInt32(); break;
                case var _ when name.SequenceEqual("request"u8): request = Request(ref json, texts); break;
                case var _ when name.SequenceEqual("reply"u8): reply = Reply(ref json, texts); break;
                case var _ when name.SequenceEqual("otherBody"u8): otherBody = json.GetBoolean(); break;
                default: throw Unknown(name);
            }
        }

        return new HistoryLine(t, client, operation, attempt, node) { Request = request, Reply = reply, OtherBody = otherBody };
    }

    private static Request Request(ref Utf8JsonReader json, Texts texts)
    {
        var (act, product, amount) = (default(Act), Guid.Empty, 0);
        string? text = null;
        Guid? reservation = null;
        int? seconds = null;
        long? seen = null, ifMatch = null;
        OrderedUnits[]? lines = null;
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("act"u8): act = Enum.Parse<Act>(texts.Kept(ref json)); break;
                case var _ when name.SequenceEqual("product"u8): product = json.GetGuid(); break;
                case var _ when name.SequenceEqual("amount"u8): amount = json.GetInt32(); break;
                case var _ when name.SequenceEqual("text"u8): text = texts.Kept(ref json); break;
                case var _ when name.SequenceEqual("reservation"u8): reservation = json.GetGuid(); break;
                case var _ when name.SequenceEqual("seconds"u8): seconds = json.GetInt32(); break;
                case var _ when name.SequenceEqual("seen"u8): seen = json.GetInt64(); break;
                case var _ when name.SequenceEqual("ifMatch"u8): ifMatch = json.GetInt64(); break;
                case var _ when name.SequenceEqual("lines"u8): lines = Items(ref json, texts, OrderedUnits); break;
                default: throw Unknown(name);
            }
        }

        return new Request(act, product) { Amount = amount, Text = text, Reservation = reservation, Seconds = seconds, Seen = seen, IfMatch = ifMatch, Lines = lines };
    }

    private static OrderedUnits OrderedUnits(ref Utf8JsonReader json, Texts texts)
    {
        var (product, units) = (Guid.Empty, 0);
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("product"u8): product = json.GetGuid(); break;
                case var _ when name.SequenceEqual("units"u8): units = json.GetInt32(); break;
                default: throw Unknown(name);
            }
        }

        return new OrderedUnits(product, units);
    }

    private static Reply Reply(ref Utf8JsonReader json, Texts texts)
    {
        var (end, status) = (default(End), 0);
        string? problem = null, body = null, error = null;
        IReadOnlyList<Shown> shown = [];
        IReadOnlyList<Guid> refusedLines = [];
        IReadOnlyList<Ground> grounds = [];
        IReadOnlyList<ToldChange> changes = [];
        Guid? reservation = null;
        var replayed = false;
        StatedLag? lag = null;
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("end"u8): end = Enum.Parse<End>(texts.Kept(ref json)); break;
                case var _ when name.SequenceEqual("status"u8): status = json.GetInt32(); break;
                case var _ when name.SequenceEqual("problem"u8): problem = texts.Kept(ref json); break;
                case var _ when name.SequenceEqual("shown"u8): shown = Items(ref json, texts, Shown); break;
                case var _ when name.SequenceEqual("refusedLines"u8): refusedLines = Items(ref json, texts, (ref Utf8JsonReader item, Texts _) => item.GetGuid()); break;
                case var _ when name.SequenceEqual("grounds"u8): grounds = Items(ref json, texts, Ground); break;
                case var _ when name.SequenceEqual("changes"u8): changes = Items(ref json, texts, Change); break;
                case var _ when name.SequenceEqual("reservation"u8): reservation = json.GetGuid(); break;
                case var _ when name.SequenceEqual("replayed"u8): replayed = json.GetBoolean(); break;
                case var _ when name.SequenceEqual("body"u8): body = json.GetString(); break;
                case var _ when name.SequenceEqual("lag"u8): lag = Lag(ref json); break;
                case var _ when name.SequenceEqual("error"u8): error = texts.Kept(ref json); break;
                default: throw Unknown(name);
            }
        }

        return new Reply(end, status)
        {
            Problem = problem,
            Shown = shown,
            RefusedLines = refusedLines,
            Grounds = grounds,
            Changes = changes,
            Reservation = reservation,
            Replayed = replayed,
            Body = body,
            Lag = lag,
            Error = error,
        };
    }

    private static Shown Shown(ref Utf8JsonReader json, Texts texts)
    {
        var (product, version, text, onHand, reserved, available) = (Guid.Empty, 0L, "", 0, 0, 0);
        int? reorderPoint = null;
        var discontinued = false;
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("product"u8): product = json.GetGuid(); break;
                case var _ when name.SequenceEqual("version"u8): version = json.GetInt64(); break;
                case var _ when name.SequenceEqual("name"u8): text = texts.Kept(ref json); break;
                case var _ when name.SequenceEqual("onHand"u8): onHand = json.GetInt32(); break;
                case var _ when name.SequenceEqual("reserved"u8): reserved = json.GetInt32(); break;
                case var _ when name.SequenceEqual("available"u8): available = json.GetInt32(); break;
                case var _ when name.SequenceEqual("reorderPoint"u8): reorderPoint = json.GetInt32(); break;
                case var _ when name.SequenceEqual("discontinued"u8): discontinued = json.GetBoolean(); break;
                default: throw Unknown(name);
            }
        }

        return new Shown(product, version, text, onHand, reserved, available, reorderPoint, discontinued);
    }

    private static Ground Ground(ref Utf8JsonReader json, Texts texts)
    {
        var (product, version) = (Guid.Empty, 0L);
        int? available = null, requested = null;
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("product"u8): product = json.GetGuid(); break;
                case var _ when name.SequenceEqual("version"u8): version = json.GetInt64(); break;
                case var _ when name.SequenceEqual("available"u8): available = json.GetInt32(); break;
                case var _ when name.SequenceEqual("requested"u8): requested = json.GetInt32(); break;
                default: throw Unknown(name);
            }
        }

        return new Ground(product, version, available, requested);
    }

    private static ToldChange Change(ref Utf8JsonReader json, Texts texts)
    {
        var (version, type, clashes) = (0L, "", false);
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("version"u8): version = json.GetInt64(); break;
                case var _ when name.SequenceEqual("event"u8): type = texts.Kept(ref json); break;
                case var _ when name.SequenceEqual("clashes"u8): clashes = json.GetBoolean(); break;
                default: throw Unknown(name);
            }
        }

        return new ToldChange(version, type, clashes);
    }

    private static StatedLag Lag(ref Utf8JsonReader json)
    {
        var (upToDate, asOf, head, events, milliseconds) = (false, 0L, 0L, 0L, 0L);
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("upToDate"u8): upToDate = json.GetBoolean(); break;
                case var _ when name.SequenceEqual("asOf"u8): asOf = json.GetInt64(); break;
                case var _ when name.SequenceEqual("head"u8): head = json.GetInt64(); break;
                case var _ when name.SequenceEqual("events"u8): events = json.GetInt64(); break;
                case var _ when name.SequenceEqual("milliseconds"u8): milliseconds = json.GetInt64(); break;
                default: throw Unknown(name);
            }
        }

        return new StatedLag(upToDate, asOf, head, events, milliseconds);
    }

    private static ToldEvent Told(ref Utf8JsonReader json, Texts texts)
    {
        var (sequence, product, version) = (0L, Guid.Empty, 0L);
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("sequence"u8): sequence = json.GetInt64(); break;
                case var _ when name.SequenceEqual("product"u8): product = json.GetGuid(); break;
                case var _ when name.SequenceEqual("version"u8): version = json.GetInt64(); break;
                default: throw Unknown(name);
            }
        }

        return new ToldEvent(sequence, product, version);
    }

    private static LoggedEvent Event(ref Utf8JsonReader json, Texts texts)
    {
        var (sequence, product, version, type, actor, command) = (0L, Guid.Empty, 0L, "", "", Guid.Empty);
        var (amount, returned) = (0, 0);
        string? text = null, trace = null;
        Guid? reservation = null;
        DateTimeOffset? expiresAt = null;
        while (NextMember(ref json))
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("sequence"u8): sequence = json.GetInt64(); break;
                case var _ when name.SequenceEqual("product"u8): product = json.GetGuid(); break;
                case var _ when name.SequenceEqual("version"u8): version = json.GetInt64(); break;
                case var _ when name.SequenceEqual("type"u8): type = texts.Kept(ref json); break;
                case var _ when name.SequenceEqual("actor"u8): actor = json.GetString()!; break;
                case var _ when name.SequenceEqual("command"u8): command = json.GetGuid(); break;
                case var _ when name.SequenceEqual("amount"u8): amount = json.GetInt32(); break;
                case var _ when name.SequenceEqual("returned"u8): returned = json.GetInt32(); break;
                case var _ when name.SequenceEqual("text"u8): text = texts.Kept(ref json); break;
                case var _ when name.SequenceEqual("reservation"u8): reservation = json.GetGuid(); break;
                case var _ when name.SequenceEqual("trace"u8): trace = json.GetString(); break;
                case var _ when name.SequenceEqual("expiresAt"u8): expiresAt = json.GetDateTimeOffset(); break;
                default: throw Unknown(name);
            }
        }

        return new LoggedEvent(sequence, product, version, type, actor, command)
        {
            Amount = amount,
            Returned = returned,
            Text = text,
            Reservation = reservation,
            Trace = trace,
            ExpiresAt = expiresAt,
        };
    }

    private static bool NextMember(ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.PropertyName;

    private static T[] Items<T>(ref Utf8JsonReader json, Texts texts, Item<T> item)
    {
        if (!NextItem(ref json))
        {
            return [];
        }

        // Most have one, and no list is made for that.
        var first = item(ref json, texts);
        if (!NextItem(ref json))
        {
            return [first];
        }

        List<T> items = [first];
        do
        {
            items.Add(item(ref json, texts));
        }
        while (NextItem(ref json));
        return [.. items];
    }

    private static bool NextItem(ref Utf8JsonReader json) => json.Read() && json.TokenType != JsonTokenType.EndArray;

    private static InvalidDataException Unknown(ReadOnlySpan<byte> name) => new($"No line of a history has a member “{Encoding.UTF8.GetString(name)}”.");

    /// <summary>The texts of a file, each of which is kept once.</summary>
    private sealed class Texts
    {
        private const int LengthMax = 128;

        private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _kept = new Dictionary<string, string>().GetAlternateLookup<ReadOnlySpan<char>>();
        private string _running = "";

        /// <summary>One that comes again and again.</summary>
        public string Kept(ref Utf8JsonReader json)
        {
            if (json.ValueSpan.Length > LengthMax)
            {
                return json.GetString()!;
            }

            Span<char> copy = stackalloc char[LengthMax];
            ReadOnlySpan<char> text = copy[..json.CopyString(copy)];
            if (!_kept.TryGetValue(text, out var kept))
            {
                _kept[text] = kept = text.ToString();
            }

            return kept;
        }

        /// <summary>One that is that of the line before, or a new one.</summary>
        public string Running(ref Utf8JsonReader json) => json.ValueTextEquals(_running) ? _running : _running = json.GetString()!;
    }
}
