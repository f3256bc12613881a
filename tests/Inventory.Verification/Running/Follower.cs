using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Inventory.Verification.Histories;

namespace Inventory.Verification.Running;

/// <summary>Somebody who follows all changes from the first one, and goes on at another node where it was cut off.</summary>
internal sealed class Follower(IReadOnlyList<HttpClient> nodes, Dice dice) : IDisposable
{
    // The service says every 15 seconds that the connection lives.
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(20);

    private readonly List<ToldEvent> _told = [];

    private readonly List<IReadOnlyList<ToldEvent>> _lost = [];
    private CancellationTokenSource _now = new();

    /// <summary>What it was told before each time that it began anew.</summary>
    public IReadOnlyList<IReadOnlyList<ToldEvent>> Lost
    {
        get
        {
            lock (_told)
            {
                return [.. _lost];
            }
        }
    }

    /// <summary>What it was told so far.</summary>
    public IReadOnlyList<ToldEvent> Told
    {
        get
        {
            lock (_told)
            {
                return [.. _told];
            }
        }
    }

    /// <summary>Follows until it is stopped.</summary>
    public async Task RunAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(dice.Of(nodes), over);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                await Task.Delay(dice.Between(50, 500), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public void Dispose() => _now.Dispose();

    /// <summary>Has it begin anew at the first event, because the database has another history now.</summary>
    public async Task BeginAnewAsync()
    {
        var before = Interlocked.Exchange(ref _now, new CancellationTokenSource());
        await before.CancelAsync();
        lock (_told)
        {
            _lost.Add([.. _told]);
            _told.Clear();
        }
    }

    /// <summary>Waits until it was told of an event, or for so long.</summary>
    public async Task ReachesAsync(long sequence, TimeSpan patience)
    {
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); clock.Elapsed < patience && LastTold < sequence; await Task.Delay(50))
        {
            // Not yet.
        }
    }

    private long LastTold
    {
        get
        {
            lock (_told)
            {
                return _told.Count == 0 ? 0 : _told[^1].Sequence;
            }
        }
    }

    private async Task FollowAsync(HttpClient node, CancellationToken over)
    {
        var now = _now.Token;
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(over, now);
        silence.CancelAfter(SilenceMax);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/changes", UriKind.Relative));
        request.Headers.Add("Last-Event-ID", LastTold.ToString(CultureInfo.InvariantCulture));
        using var answer = await node.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync(silence.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(silence.Token))
        {
            silence.CancelAfter(SilenceMax);
            if (item.EventType == "open")
            {
                throw new IOException("It is told from another event on than the one that it has.");
            }

            using var change = JsonDocument.Parse(item.Data);
            lock (_told)
            {
                now.ThrowIfCancellationRequested();
                _told.Add(new ToldEvent(
                    long.Parse(item.EventId!, CultureInfo.InvariantCulture), change.RootElement.GetProperty("productId").GetGuid(), change.RootElement.GetProperty("version").GetInt64()));
            }
        }
    }
}
