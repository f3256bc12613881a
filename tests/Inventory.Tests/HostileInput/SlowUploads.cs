using System.Text;
using Inventory.Slices.Stock;
using Inventory.Tests.Hosting;
using Inventory.Tests.Schedules;

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
        var answering = new List<Task<HttpAnswer?>>();
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
                answering.Add(slow[n].AnswerAsync());
                sending.Add(TrickleAsync(slow[n], trickling.Token));
            }

            for (var n = 0; n < 5; n++)
            {
                using var file = new StringContent($"sku,name,quantity\nQUICK-{n},Quick,5\n", Encoding.UTF8, "text/csv");
                using var answer = await service.Client.PostAsync(new Uri("/imports", UriKind.Relative), file, Cancellation);
                Assert.True((int)answer.StatusCode == 200, await answer.Content.ReadAsStringAsync(Cancellation));
            }

            Assert.All(answering, slow => Assert.False(slow.IsCompleted, slow.IsCompleted ? slow.Result?.Text : ""));
        }
        finally
        {
            await trickling.CancelAsync();
            await Task.WhenAll(sending);
            slow.ForEach(connection => connection.Reset());
        }
    }

    [Fact]
    public async Task A_file_that_comes_too_slowly_gives_its_room_to_others()
    {
        var clock = new VirtualClock();
        var body = new Trickle();
        var spooling = ImportFile.SpoolAsync(body, null, Cancellation, clock);
        await body.Asked.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        clock.GoOn();

        await Assert.ThrowsAsync<UploadTooSlowException>(() => spooling);
        var allowed = ImportLimits.UploadSlowSecondsMax + (Trickle.FirstBytes / (double)ImportLimits.UploadBytesPerSecondMin);
        Assert.Equal(TimeSpan.FromSeconds(allowed), clock.Elapsed);
    }

    [Fact]
    public async Task Readers_of_exports_that_take_nothing_keep_no_connection_from_other_exports()
    {
        var file = new StringBuilder("sku,name,quantity,reason\n");
        for (var n = 0; n < 8_000; n++)
        {
            file.Append("EXPORTED,Exported,1,receipt\n");
        }

        using var content = new StringContent(file.ToString(), Encoding.UTF8, "text/csv");
        using var imported = await service.Client.PostAsync(new Uri("/imports", UriKind.Relative), content, Cancellation);
        Assert.True((int)imported.StatusCode == 200, await imported.Content.ReadAsStringAsync(Cancellation));
        var stalled = new List<RawHttp>();
        try
        {
            // More than may read at once.
            for (var n = 0; n < 4; n++)
            {
                var connection = await RawHttp.ConnectAsync(service.Address, receiveBufferBytes: 4 * 1024);
                stalled.Add(connection);
                await connection.SendAsync("GET /products/sku:EXPORTED/history.csv HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(await connection.ReadAsync()), StringComparison.Ordinal);
            }

            var whole = await service.Client.GetStringAsync(new Uri("/products/sku:EXPORTED/history.csv", UriKind.Relative), Cancellation);
            Assert.Equal(8_001, whole.Count(character => character == '\n') - 1);
        }
        finally
        {
            stalled.ForEach(connection => connection.Reset());
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

    /// <summary>A body of which something comes at once and nothing after it.</summary>
    private sealed class Trickle : Stream
    {
        public const int FirstBytes = 4_096;

        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _began;

        /// <summary>What does not come has been asked for.</summary>
        public Task Asked => _asked.Task;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_began)
            {
                _began = true;
                return FirstBytes;
            }

            _asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
