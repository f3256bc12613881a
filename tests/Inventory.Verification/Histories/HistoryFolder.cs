using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Inventory.Verification.Histories;

/// <summary>
/// A run as it lies on disk: <c>run.json</c>, a file of JSON lines per client, <c>log.jsonl</c> with the events, <c>tables.json</c>, and what followers and
/// receivers were told. It can
/// be checked again without the service or the database.
/// </summary>
internal static class HistoryFolder
{
    private const string Run = "run.json";

    /// <summary>Writes what is known when the run is over: everything but the operations.</summary>
    public static void Finish(string folder, History history)
    {
        WriteLines("log.jsonl", history.Log, HistoryJson.Default.LoggedEvent);
        foreach (var (number, told) in history.Followers.Index())
        {
            WriteLines($"follower{number}.jsonl", told, HistoryJson.Default.ToldEvent);
        }

        foreach (var (number, lost) in history.Lost.Index())
        {
            WriteLines($"lost{number}.jsonl", lost.Log, HistoryJson.Default.LoggedEvent);
            foreach (var (follower, told) in lost.Followers.Index())
            {
                WriteLines($"lost{number}-follower{follower}.jsonl", told, HistoryJson.Default.ToldEvent);
            }
        }

        if (history.Delivered is { } delivered)
        {
            File.WriteAllLines(Path.Combine(folder, "delivered.txt"), delivered);
        }

        File.WriteAllText(Path.Combine(folder, "tables.json"), JsonSerializer.Serialize(history.Tables, HistoryJson.Default.ProjectedTables));
        File.WriteAllText(Path.Combine(folder, Run), JsonSerializer.Serialize(history.Run, HistoryJson.Default.RunFacts));

        void WriteLines<T>(string name, IEnumerable<T> items, JsonTypeInfo<T> type) =>
            File.WriteAllLines(Path.Combine(folder, name), items.Select(item => JsonSerializer.Serialize(item, type)));
    }

    /// <summary>Writes a whole history.</summary>
    public static void Write(string folder, History history)
    {
        foreach (var client in history.Operations.GroupBy(operation => operation.Client))
        {
            using var writer = new HistoryWriter(folder, client.Key);
            foreach (var operation in client)
            {
                foreach (var (number, attempt) in operation.Attempts.Index())
                {
                    writer.Invoke(attempt.Began, operation.Id, number, attempt.Node, operation.Request, attempt.OtherBody);
                    writer.Complete(attempt.Ended, operation.Id, number, attempt.Node, attempt.Reply!);
                }
            }
        }

        Finish(folder, history);
    }

    /// <summary>Reads a run; null when it was not finished, because then there is nothing to compare with.</summary>
    public static History? Read(string folder)
    {
        var file = Path.Combine(folder, Run);
        var delivered = Path.Combine(folder, "delivered.txt");
        if (!File.Exists(file))
        {
            return null;
        }

        var log = Task.Run(() => HistoryReader.Log(Path.Combine(folder, "log.jsonl")));
        var followers = Directory.GetFiles(folder, "follower*.jsonl").Order(StringComparer.Ordinal).Select(file => Task.Run(() => HistoryReader.Told(file))).ToList();
        var facts = Task.Run(() => File.Exists(delivered) ? File.ReadAllLines(delivered) : null);
        var operations = Directory.GetFiles(folder, "client*.jsonl").AsParallel().SelectMany(HistoryReader.Operations).ToList();
        var run = Parse(File.ReadAllBytes(file), HistoryJson.Default.RunFacts);
        var twice = run.SentTwice.ToHashSet();
        return new History(
            run,
            twice.Count == 0 ? operations : [.. operations.Select(operation => twice.Contains(operation.Id) ? operation with { SentTwice = true } : operation)],
            log.Result,
            Parse(File.ReadAllBytes(Path.Combine(folder, "tables.json")), HistoryJson.Default.ProjectedTables))
        {
            Followers = [.. followers.Select(follower => follower.Result)],
            Lost = [.. Enumerable.Range(0, run.SetBacks.Count).Select(number => new LostHistory(
                HistoryReader.Log(Path.Combine(folder, $"lost{number}.jsonl")),
                [.. Directory.GetFiles(folder, $"lost{number}-follower*.jsonl").Order(StringComparer.Ordinal).Select(HistoryReader.Told)]))],
            Delivered = facts.Result,
        };
    }

    private static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException($"null is no {typeof(T).Name}.");
}

/// <summary>A line of a client's file: with a request it is an invocation, with a reply a completion.</summary>
/// <param name="T">When, in microseconds since the run began.</param>
/// <param name="Client">The client.</param>
/// <param name="Op">The operation.</param>
/// <param name="Attempt">Which of its attempts, from 0.</param>
/// <param name="Node">The node it went to.</param>
internal sealed record HistoryLine(long T, int Client, string Op, int Attempt, int Node)
{
    public Request? Request { get; init; }

    public bool OtherBody { get; init; }

    public Reply? Reply { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(HistoryLine))]
[JsonSerializable(typeof(LoggedEvent))]
[JsonSerializable(typeof(ToldEvent))]
[JsonSerializable(typeof(RunFacts))]
[JsonSerializable(typeof(ProjectedTables))]
internal sealed partial class HistoryJson : JsonSerializerContext;
