using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Inventory.Verification.Running;

/// <summary>A receiver of webhooks, which now and then does not take what it is told, or answers so late that nobody waits any more.</summary>
internal sealed class Receiver : IDisposable
{
    /// <summary>The key that deliveries are signed with. Nobody else sends it anything, so it is not looked at.</summary>
    private const string Secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    // Facts are told again for as long as a run goes on, a second after each failure.
    private const int RetriesMax = 20;
    private const int RefusedOfHundred = 5;
    private const string Second = "second";

    private readonly HttpListener _listener = new();
    private readonly Dice _dice;
    private readonly List<string> _delivered = [];

    private Receiver(int port, Dice dice)
    {
        _dice = dice;
        Url = $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/";
        _listener.Prefixes.Add(Url);
    }

    private string Url { get; }

    /// <summary>Whether the second of the two, which hears everything too and is not asked what, does not answer.</summary>
    public bool Hangs { get; set; }

    /// <summary>What a node has to be told so that it tells this receiver everything.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings =>
    [
        ("Webhooks__Endpoints__0__Name", "receiver"), ("Webhooks__Endpoints__0__Url", Url), ("Webhooks__Endpoints__0__Secret", Secret),
        ("Webhooks__Endpoints__1__Name", "second"), ("Webhooks__Endpoints__1__Url", $"{Url}{Second}"), ("Webhooks__Endpoints__1__Secret", Secret),
        .. Enumerable.Range(0, RetriesMax).Select(n => ($"Webhooks__RetryDelays__{n.ToString(CultureInfo.InvariantCulture)}", "00:00:01")),
    ];

    /// <summary>The ids of the facts that it was told and took.</summary>
    public IReadOnlyList<string> Delivered
    {
        get
        {
            lock (_delivered)
            {
                return [.. _delivered];
            }
        }
    }

    public static Receiver Start(int port, Dice dice)
    {
        var receiver = new Receiver(port, dice);
        receiver._listener.Start();
        _ = receiver.ReceiveAsync();
        return receiver;
    }

    /// <summary>Waits until it has all of them, or for so long.</summary>
    public async Task HasAllAsync(IEnumerable<string> facts, TimeSpan patience)
    {
        var wanted = facts.ToHashSet();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < patience && wanted.Except(Delivered).Any(); await Task.Delay(200))
        {
            // Not yet.
        }
    }

    public void Dispose() => _listener.Close();

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                Answer(await _listener.GetContextAsync());
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private void Answer(HttpListenerContext context)
    {
        try
        {
            if (context.Request.Url?.AbsolutePath == $"/{Second}")
            {
                if (!Hangs)
                {
                    context.Response.Close();
                }

                return;
            }

            if (_dice.Chance(RefusedOfHundred))
            {
                context.Response.StatusCode = 500;
            }
            else
            {
                lock (_delivered)
                {
                    _delivered.Add(context.Request.Headers["webhook-id"] ?? "");
                }

                if (_dice.Chance(RefusedOfHundred))
                {
                    // It took the fact, and the sender is not told.
                    context.Response.Abort();
                    return;
                }
            }

            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The sender is gone.
        }
    }
}
