using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inventory.Verification.Histories;

/// <summary>
/// A run as it lies on disk: <c>run.json</c>, a file of JSON lines per client, <c>log.jsonl</c> with the events, and <c>tables.json</c>. It can
/// be checked again without the service or the database.
/// </summary>
internal static class HistoryFolder
{
    /// <summary>Writes what is known when the run is over.</summary>
    public static void Finish(string folder, RunFacts run, IReadOnlyList<LoggedEvent> log, ProjectedTables tables)
    {
        File.WriteAllLines(Path.Combine(folder, "log.jsonl"), log.Select(e => JsonSerializer.Serialize(e, HistoryJson.Default.LoggedEvent)));
        File.WriteAllText(Path.Combine(folder, "tables.json"), JsonSerializer.Serialize(tables, HistoryJson.Default.ProjectedTables));
        File.WriteAllText(Path.Combine(folder, "run.json"), JsonSerializer.Serialize(run, HistoryJson.Default.RunFacts));
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

        Finish(folder, history.Run, history.Log, history.Tables);
    }

    /// <summary>Reads a run; null when it was not finished, because then there is nothing to compare with.</summary>
    public static History? Read(string folder)
    {
        var run = Path.Combine(folder, "run.json");
        if (!File.Exists(run))
        {
            return null;
        }

        var log = Task.Run(() => HistoryReader.Log(Path.Combine(folder, "log.jsonl")));
        var operations = Directory.GetFiles(folder, "client*.jsonl").AsParallel().SelectMany(HistoryReader.Operations).ToList();
        return new History(
            Parse(File.ReadAllBytes(run), HistoryJson.Default.RunFacts),
            operations,
            log.Result,
            Parse(File.ReadAllBytes(Path.Combine(folder, "tables.json")), HistoryJson.Default.ProjectedTables));
    }

    private static T Parse<T>(ReadOnlySpan<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
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
[JsonSerializable(typeof(RunFacts))]
[JsonSerializable(typeof(ProjectedTables))]
internal sealed partial class HistoryJson : JsonSerializerContext;
