using System.Text;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.HostileInput;

/// <summary>Who sends a file slowly keeps nobody else's from being carried out.</summary>
public sealed class SlowUploads(ListeningService service) : IClassFixture<ListeningService>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_files_that_trickle_in_do_not_keep_others_from_importing()
    {
        using var trickling = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var slow = new List<RawHttp>();
        var sending = new List<Task>();
        try
        {
            for (var n = 0; n < 2; n++)
            {
                slow.Add(await RawHttp.ConnectAsync(service.Address));
                await slow[n].SendAsync(
                    "POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 60000\r\n"
                    + "Expect: 100-continue\r\n\r\n");
                // It is being received from here on.
                Assert.StartsWith("HTTP/1.1 100", Encoding.ASCII.GetString(await slow[n].ReadAsync()), StringComparison.Ordinal);
                sending.Add(TrickleAsync(slow[n], trickling.Token));
            }

            for (var n = 0; n < 5; n++)
            {
                using var file = new StringContent($"sku,name,quantity\nQUICK-{n},Quick,5\n", Encoding.UTF8, "text/csv");
                using var answer = await service.Client.PostAsync(new Uri("/imports", UriKind.Relative), file, Cancellation);
                Assert.True((int)answer.StatusCode == 200, await answer.Content.ReadAsStringAsync(Cancellation));
            }
        }
        finally
        {
            await trickling.CancelAsync();
            await Task.WhenAll(sending);
            slow.ForEach(connection => connection.Reset());
        }
    }

    /// <summary>Sends 400 bytes a second: more than the least rate of the web server.</summary>
    private static async Task TrickleAsync(RawHttp connection, CancellationToken end)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                await connection.SendAsync(new string('x', 39) + "\n");
            }
        }
        catch (Exception e) when (e is OperationCanceledException or System.Net.Sockets.SocketException)
        {
            // It is enough, or it was cut off.
        }
    }
}
