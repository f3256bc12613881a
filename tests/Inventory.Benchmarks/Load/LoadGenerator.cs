using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using HdrHistogram;

namespace Inventory.Benchmarks.Load;

/// <summary>What a load is to send.</summary>
/// <param name="Port">The port on loopback.</param>
/// <param name="Callers">How many connections; each has one request under way.</param>
/// <param name="WarmUpSeconds">Seconds before anything counts.</param>
/// <param name="Seconds">Seconds that count.</param>
/// <param name="Paths">The paths, each taken equally often.</param>
/// <param name="Method">GET or POST.</param>
/// <param name="Body">The body of a POST.</param>
/// <param name="IfNoneMatch">The entity tag to send, or null.</param>
/// <param name="Commits">The paths make reservations, each of which is committed at once. The two requests count as one.</param>
internal sealed record LoadPlan(
    int Port, int Callers, double WarmUpSeconds, double Seconds, string[] Paths, string Method = "POST", string? Body = null, string? IfNoneMatch = null,
    bool Commits = false);

/// <summary>What came of a load.</summary>
/// <param name="PerSecond">Answers below 400 a second.</param>
/// <param name="Failed">Other answers, while it counted.</param>
/// <param name="Succeeded">Answers below 400, warm-up included: each is in the store exactly once, or something is wrong.</param>
/// <param name="P50">Milliseconds within which half of the answers came.</param>
/// <param name="P99">Milliseconds within which 99 of 100 answers came.</param>
internal sealed record LoadResult(double PerSecond, long Failed, long Succeeded, double P50, double P99);

/// <summary>
/// A closed-loop load generator over keep-alive connections, made to take little of the two cores that it shares with what
/// it measures: requests are bytes made once, of which only the key changes.
/// </summary>
internal sealed class LoadGenerator(LoadPlan plan)
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] LengthName = "Content-Length: "u8.ToArray();
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private static readonly byte[] ReservationName = "Location: /reservations/"u8.ToArray();
    private static readonly string NoId = new('0', 36);

    private readonly LongConcurrentHistogram _microseconds = new(1, TimeStamp.Hours(1), 3);
    private readonly long _run = Stopwatch.GetTimestamp();
    private long _succeeded;
    private long _counted;
    private long _failed;
    private volatile bool _counts;
    private volatile bool _ended;

    /// <summary>The verb's work: reads a plan from standard input and writes the result to standard output.</summary>
    public static async Task RunVerbAsync()
    {
        var plan = JsonSerializer.Deserialize<LoadPlan>(await Console.In.ReadToEndAsync())!;
        Console.WriteLine(JsonSerializer.Serialize(await new LoadGenerator(plan).RunAsync()));
    }

    private async Task<LoadResult> RunAsync()
    {
        var callers = Enumerable.Range(0, plan.Callers).Select(CallAsync).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(plan.WarmUpSeconds));
        _counts = true;
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        _counts = false;
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        _ended = true;
        await Task.WhenAll(callers);
        return new LoadResult(
            _counted / seconds, _failed, _succeeded,
            Milliseconds(50), Milliseconds(99));
    }

    /// <summary>A percentile; when nothing was answered at all, the time that was waited.</summary>
    private double Milliseconds(double percentile) =>
        _microseconds.TotalCount == 0 ? plan.Seconds * 1000 : _microseconds.GetValueAtPercentile(percentile) / 1000.0;

    private async Task CallAsync(int caller)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, plan.Port);
        var requests = plan.Paths.Select(path => Request(path, caller, plan.Body)).ToArray();
        var commits = plan.Commits ? plan.Paths.Select(path => Request($"{path}/{NoId}/commit", caller, "{}")).ToArray() : [];
        var buffer = new byte[16 * 1024];
        for (long n = 0; !_ended; n++)
        {
            // Every path equally often, in an order without a pattern (Knuth's multiplicative hash).
            var which = (int)((uint)(((n * 1_000) + caller) * 2_654_435_761) % (uint)requests.Length);
            var counts = _counts;
            var sent = Stopwatch.GetTimestamp();
            var status = await AskAsync(socket, buffer, requests[which], 2 * n);
            if (plan.Commits && status < 400)
            {
                buffer.AsSpan(buffer.AsSpan().IndexOf(ReservationName) + ReservationName.Length, NoId.Length)
                    .CopyTo(commits[which].Bytes.AsSpan($"POST {plan.Paths[which]}/".Length));
                status = await AskAsync(socket, buffer, commits[which], (2 * n) + 1);
            }

            if (status < 400)
            {
                Interlocked.Increment(ref _succeeded);
            }

            if (counts && _counts)
            {
                Interlocked.Increment(ref status < 400 ? ref _counted : ref _failed);
                _microseconds.RecordValue((long)Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
            }
        }
    }

    private static async ValueTask<int> AskAsync(Socket socket, byte[] buffer, (byte[] Bytes, int KeyAt) request, long number)
    {
        if (request.KeyAt >= 0)
        {
            number.TryFormat(request.Bytes.AsSpan(request.KeyAt, 16), out _, "D16", CultureInfo.InvariantCulture);
        }

        await socket.SendAsync(request.Bytes);
        return await ReceiveAsync(socket, buffer);
    }

    /// <summary>The bytes of a request, and where in them the number of its key is.</summary>
    private (byte[] Bytes, int KeyAt) Request(string path, int caller, string? body)
    {
        var head = $"{plan.Method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n";
        if (plan.IfNoneMatch is { } tag)
        {
            head += $"If-None-Match: {tag}\r\n";
        }

        if (body is null)
        {
            return (Encoding.ASCII.GetBytes(head + "\r\n"), -1);
        }

        head += $"Actor: load\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nIdempotency-Key: {_run:x}-{Environment.ProcessId}-{caller}-";
        return (Encoding.ASCII.GetBytes($"{head}{new string('0', 16)}\r\n\r\n{body}"), head.Length);
    }

    /// <summary>Receives one answer whole and gives its status.</summary>
    private static async ValueTask<int> ReceiveAsync(Socket socket, byte[] buffer)
    {
        var count = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(count));
            if (received == 0)
            {
                throw new IOException("The service hung up.");
            }

            count += received;
            if (IsWhole(buffer.AsSpan(0, count)))
            {
                return ((buffer[9] - '0') * 100) + ((buffer[10] - '0') * 10) + (buffer[11] - '0');
            }
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf(HeadEnd);
        if (end < 0)
        {
            return false;
        }

        var at = answer[..end].IndexOf(LengthName);
        if (at < 0)
        {
            // Without a body, or in chunks.
            return answer.Length == end + HeadEnd.Length || answer.EndsWith(LastChunk);
        }

        var length = 0;
        foreach (var digit in answer[(at + LengthName.Length)..])
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                break;
            }

            length = (length * 10) + (digit - '0');
        }

        return answer.Length >= end + HeadEnd.Length + length;
    }
}
