using System.Text.Json;

namespace Inventory.Verification.Histories;

/// <summary>Writes a client's file. An invocation is on its way to the disk before the request is sent, so a run that dies knows what it had begun.</summary>
internal sealed class HistoryWriter(string folder, int client) : IDisposable
{
    private readonly StreamWriter _file = new(Path.Combine(folder, $"client{client}.jsonl"));
    private readonly Lock _lock = new();

    /// <summary>An attempt begins.</summary>
    public void Invoke(long t, string operation, int attempt, int node, Request request, bool otherBody) =>
        Write(new HistoryLine(t, client, operation, attempt, node) { Request = request, OtherBody = otherBody }, flush: true);

    /// <summary>An attempt has ended.</summary>
    public void Complete(long t, string operation, int attempt, int node, Reply reply) =>
        Write(new HistoryLine(t, client, operation, attempt, node) { Reply = reply }, flush: false);

    public void Dispose() => _file.Dispose();

    private void Write(HistoryLine line, bool flush)
    {
        var text = JsonSerializer.Serialize(line, HistoryJson.Default.HistoryLine);
        lock (_lock)
        {
            _file.WriteLine(text);
            if (flush)
            {
                _file.Flush();
            }
        }
    }
}
