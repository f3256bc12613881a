using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Inventory.Verification.Histories;

namespace Inventory.Verification.Running;

/// <summary>
/// Has callers be a nuisance, each kind for some seconds, while others look on, who have products of their own. What those are answered, and how soon, is for
/// the checker to compare.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="folder">Where its history goes.</param>
/// <param name="nodes">The nodes.</param>
/// <param name="receiver">The receivers of webhooks.</param>
/// <param name="dice">Its chance.</param>
internal sealed class Nuisances(Run run, string folder, IReadOnlyList<HttpClient> nodes, Receiver receiver, Dice dice)
{
    private const int Onlookers = 4;
    private const int Callers = 48;
    private const int FirstCaller = 801;
    private const int ReadersOfEachNode = 60;
    private const int UploadsOfEachNode = 2;
    private const int ImportedOfHundred = 4;
    private static readonly TimeSpan UploadStep = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] UploadPiece = Encoding.ASCII.GetBytes("1,SLOW-SKU,a line that nobody ends,1\n");

    private readonly List<Guid> _own = [.. Enumerable.Range(0, Onlookers).Select(_ => dice.Id())];
    private readonly Guid _one = dice.Id();
    private readonly Guid _other = dice.Id();
    private readonly Guid _scarce = dice.Id();

    /// <summary>The products that it needs, and how many units of each.</summary>
    public IEnumerable<(Guid Product, int Units)> Products => [.. _own.Select(own => (own, 100_000)), (_one, 1_000_000), (_other, 1_000_000), (_scarce, 1)];

    /// <summary>Goes through all of them, after so long of the usual.</summary>
    public async Task<IReadOnlyList<Phase>> RunAsync(TimeSpan each)
    {
        using var over = new CancellationTokenSource();
        var looking = Task.WhenAll(_own.Select((own, number) => LookOnAsync(Phase.FirstOnlooker + number, own, dice.Split(), over.Token)).ToList());
        using var sales = new Crowd(this, FirstCaller, Callers);
        var phases = new List<Phase>
        {
            await sales.PhaseAsync(Phase.Quiet, each, _ => Sale(_one)),
            await sales.PhaseAsync("orders on two products that everybody wants", each, _ => Order()),
            await sales.PhaseAsync("people who had seen the first version only", each, _ => Sale(_one) with { Seen = 1 }),
            await BesideAsync(UploadAsync, UploadsOfEachNode, each, () => sales.PhaseAsync("slow uploads", each, _ => Sale(_one))),
            await BesideAsync(ReadAsync, ReadersOfEachNode, each, () => sales.PhaseAsync("followers of one product", each, _ => Sale(_one))),
        };
        receiver.Hangs = true;
        phases.Add(await sales.PhaseAsync("facts for a receiver that hangs", each, caller => Sale(_scarce) with { Amount = caller % 2 == 0 ? -1 : 1 }));
        receiver.Hangs = false;
        await over.CancelAsync();
        await looking;
        return phases;
    }

    private static Request Sale(Guid product) => new(Act.Adjust, product) { Amount = -1 };

    private Request Order() => new(Act.Order, _one) { Lines = [new OrderedUnits(_one, -1), new OrderedUnits(_other, -1)] };

    /// <summary>Reads and sells a product of one's own, one after the other, and imports a line of it now and then.</summary>
    private async Task LookOnAsync(int number, Guid own, Dice own2, CancellationToken over)
    {
        using var history = new HistoryWriter(folder, number);
        var client = new Client(number, run, own2, nodes, history);
        while (!over.IsCancellationRequested)
        {
            await client.OnceAsync(new Request(Act.Read, own), own2.Below(nodes.Count));
            var imports = own2.Chance(ImportedOfHundred);
            await client.OnceAsync(imports ? new Request(Act.Import, own) { Lines = [new OrderedUnits(own, -1)] } : Sale(own), own2.Below(nodes.Count));
        }
    }

    /// <summary>Something goes on at each node so many times, while something else does.</summary>
    private async Task<Phase> BesideAsync(Func<HttpClient, CancellationToken, Task> beside, int times, TimeSpan time, Func<Task<Phase>> phase)
    {
        using var over = new CancellationTokenSource();
        var going = Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, times).Select(_ => UntilAsync(node))).ToList());
        // Whoever waits for it to end is not waited for.
        over.CancelAfter(time);
        var ended = await phase();
        await over.CancelAsync();
        await going;
        return ended;

        async Task UntilAsync(HttpClient node)
        {
            while (!over.IsCancellationRequested)
            {
                try
                {
                    await beside(node, over.Token);
                    await Task.Delay(UploadStep, over.Token);
                }
                catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
                {
                    // It was turned away, or is over.
                    await Task.Delay(UploadStep, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    /// <summary>A file that comes line by line, and never ends.</summary>
    private static async Task UploadAsync(HttpClient node, CancellationToken over)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri("/imports", UriKind.Relative)) { Content = new SlowFile(over) };
        using var answer = await node.SendAsync(message, over);
    }

    /// <summary>Follows a product, and does nothing with what it is told.</summary>
    private async Task ReadAsync(HttpClient node, CancellationToken over)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri($"/products/{_one}/changes", UriKind.Relative));
        using var answer = await node.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, over);
        await using var stream = await answer.Content.ReadAsStreamAsync(over);
        await stream.CopyToAsync(Stream.Null, over);
    }

    /// <summary>As many callers, each of whom asks for one thing after the other.</summary>
    private sealed class Crowd(Nuisances nuisances, int first, int count) : IDisposable
    {
        private readonly List<(Client Client, HistoryWriter History, Dice Dice)> _callers =
        [
            .. Enumerable.Range(first, count).Select(number =>
            {
                var history = new HistoryWriter(nuisances.Folder, number);
                var dice = nuisances.Dice.Split();
                return (new Client(number, nuisances.TheRun, dice, nuisances.Nodes, history), history, dice);
            }),
        ];

        /// <summary>Has all of them ask for something for a while, and waits until they have been answered.</summary>
        public async Task<Phase> PhaseAsync(string name, TimeSpan time, Func<int, Request> next)
        {
            var began = nuisances.TheRun.Now;
            var ends = began + (long)time.TotalMicroseconds;
            await Task.WhenAll(_callers.Select(async (caller, number) =>
            {
                while (nuisances.TheRun.Now < ends)
                {
                    await caller.Client.OnceAsync(next(number), caller.Dice.Below(nuisances.Nodes.Count));
                }
            }).ToList());
            return new Phase(name, began, ends);
        }

        public void Dispose() => _callers.ForEach(caller => caller.History.Dispose());
    }

    private string Folder => folder;

    private Dice Dice => dice;

    private Run TheRun => run;

    private IReadOnlyList<HttpClient> Nodes => nodes;

    private sealed class SlowFile : HttpContent
    {
        private readonly CancellationToken _over;

        public SlowFile(CancellationToken over)
        {
            _over = over;
            Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes("InvoiceNo,StockCode,Description,Quantity\n"), _over);
            while (true)
            {
                await stream.WriteAsync(UploadPiece, _over);
                await stream.FlushAsync(_over);
                await Task.Delay(UploadStep, _over);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
