using System.Diagnostics;
using System.Globalization;
using Inventory.Verification.Checking;
using Inventory.Verification.Controls;
using Inventory.Verification.Faults;
using Inventory.Verification.Histories;

namespace Inventory.Verification.Running;

/// <summary>What is to be run.</summary>
/// <param name="Workload">What clients ask for.</param>
/// <param name="Faults">What is done meanwhile, in turn.</param>
/// <param name="FaultCount">How often.</param>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Clients">How many clients, each of which asks for one thing at a time.</param>
/// <param name="Operations">At least how many operations.</param>
/// <param name="Minutes">How long there is load at most; then no further operation is begun, nor fault done.</param>
/// <param name="Seed">What all chance comes from.</param>
/// <param name="Folder">Where the history goes.</param>
internal sealed record RunPlan(
    Workload Workload, IReadOnlyList<Fault> Faults, int FaultCount, int Nodes, int Clients, int Operations, double Minutes, ulong Seed, string Folder)
{
    /// <summary>What is broken on purpose.</summary>
    public Sabotage? Sabotage { get; init; }

    /// <summary>The service in another version, in which nodes are started first.</summary>
    public string? OtherVersion { get; init; }

    /// <summary>How long each nuisance goes on; not at all when it is zero.</summary>
    public TimeSpan NuisanceTime { get; init; }

    /// <summary>Whether bystanders in the nodes throw.</summary>
    public bool BystandersThrow { get; init; }

    /// <summary>How far the clock of the last node is ahead.</summary>
    public TimeSpan Ahead { get; init; }
}

/// <summary>What came of a run.</summary>
/// <param name="Plan">What was to be run.</param>
/// <param name="Verdict">What the checker found.</param>
/// <param name="Faults">What was done meanwhile.</param>
/// <param name="Pace">How many answers there were, second by second.</param>
/// <param name="Latencies">How long answers took, in words.</param>
/// <param name="Loaded">How long there was load.</param>
internal sealed record RunResult(RunPlan Plan, Verdict Verdict, IReadOnlyList<FaultSpan> Faults, IReadOnlyList<Pace> Pace, string Latencies, TimeSpan Loaded);

/// <summary>Sends a workload to nodes of its own while faults happen, reads everything at the end, and has it checked.</summary>
internal sealed class Run(RunPlan plan, StoreServer server)
{
    private const int Followers = 2;
    private const int ChangedMax = 100;
    private const int LeakInvariant = 18;

    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SabotagedPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan StandStillPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FinalReadPatience = TimeSpan.FromSeconds(60);

    private readonly DateTimeOffset _began = TimeProvider.System.GetUtcNow();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dice _dice = new(plan.Seed);
    private int _turns;
    private volatile bool _faultsAreDone;
    private TimeSpan _loaded;
    private volatile bool _isPatient;

    /// <summary>Microseconds since the run began.</summary>
    public long Now => (long)_clock.Elapsed.TotalMicroseconds;

    public Latencies Latencies { get; } = new();

    /// <summary>
    /// How long a client waits for an answer: longer than any deadline while the database stands still or somebody is a
    /// nuisance, to see how long it takes.
    /// </summary>
    public TimeSpan Patience => server.StandsStill || _isPatient ? StandStillPatience : UsualPatience;

    /// <summary>Whether one more operation is to be begun. Clients go on while there are faults to come.</summary>
    public bool TakeTurn() => (_clock.Elapsed - _loaded).TotalMinutes < plan.Minutes && (Interlocked.Increment(ref _turns) <= plan.Operations || !_faultsAreDone);

    public async Task<RunResult> RunAsync()
    {
        Directory.CreateDirectory(plan.Folder);
        using var receiver = Receiver.Start(NodeGroup.FreePort(), _dice.Split());
        await using var group = await NodeGroup.StartAsync(server.ConnectionString, receiver.Settings, plan);
        var products = Enumerable.Range(0, plan.Workload.Products).Select(_ => _dice.Id()).ToList();
        var handlers = group.Before.Select(Handler).ToList();
        var nodes = handlers.Zip(group.Before, (handler, network) => new HttpClient(handler) { BaseAddress = new Uri($"http://127.0.0.1:{network.Port}"), Timeout = Timeout.InfiniteTimeSpan }).ToList();
        var nemesis = new Nemesis(group, server, _dice.Split(), plan.Faults, plan.Folder, () => Now);
        var nuisances = plan.NuisanceTime > TimeSpan.Zero ? new Nuisances(this, plan.Folder, nodes, receiver, _dice.Split()) : null;
        // A node that is new takes long for its first answers, and nothing is to be found out yet.
        _isPatient = true;
        await CreateAsync(nodes, [.. products.Select(product => (product, plan.Workload.Stock)), .. nuisances?.Products ?? []]);
        _isPatient = false;
        var levels = new LevelReading(group.Nodes, server.ConnectionString);
        foreach (var statement in plan.Sabotage?.Sql ?? [])
        {
            await server.ExecuteAsync(statement);
        }

        var followers = Enumerable.Range(0, Followers).Select(_ => new Follower(nodes, _dice.Split())).ToList();
        group.BetweenHistoriesAsync = () => Task.WhenAll(followers.Select(follower => follower.BeginAnewAsync()));
        using var followed = new CancellationTokenSource();
        var gauge = new LatenessGauge(() => Now);
        var measuring = gauge.RunAsync(followed.Token);
        var following = Task.WhenAll(followers.Select(follower => follower.RunAsync(followed.Token)));
        var before = plan.Sabotage is null || plan.Sabotage.Invariants.Contains(LeakInvariant) ? await levels.BeforeAsync() : null;
        var disturbing = Path.Combine(plan.Folder, "throw");
        if (plan.BystandersThrow)
        {
            await File.WriteAllTextAsync(disturbing, "");
        }

        _loaded = _clock.Elapsed;
        TimeSpan took;
        using (var over = new CancellationTokenSource())
        {
            var faults = FaultsAsync(nemesis, over.Token);
            try
            {
                await Task.WhenAll(Enumerable.Range(1, plan.Clients).Select(number => LoadAsync(number, _dice.Split(), nodes, products)).ToList());
            }
            finally
            {
                took = _clock.Elapsed - _loaded;
                // Not one process is left behind: the last fault has undone itself before the nodes are ended.
                await over.CancelAsync();
                await faults;
            }
        }

        foreach (var node in group.Nodes)
        {
            await node.AnswersAsync();
        }

        var thrown = levels.Thrown();
        File.Delete(disturbing);
        IReadOnlyList<Phase> phases = [];
        if (nuisances is not null)
        {
            products.AddRange(nuisances.Products.Select(product => product.Product));
            _isPatient = true;
            phases = await nuisances.RunAsync(plan.NuisanceTime);
            _isPatient = false;
        }

        await ChangeAllAsync(nodes, products);
        var store = new StoreReading(server.ConnectionString);
        // What was broken on purpose does not mend by waiting.
        var patience = plan.Sabotage is null ? SettlePatience : SabotagedPatience;
        await store.SettleAsync(patience);
        await ReadAllAsync(nodes, products);
        var (log, tables) = await store.ReadAsync();
        var (takeovers, redone) = await store.CountAsync();
        await Task.WhenAll(followers.Select(follower => follower.ReachesAsync(log[^1].Sequence, patience)));
        await receiver.HasAllAsync(ToldCheck.FactsOf(log), patience);
        var held = before is null ? [] : await levels.AfterAsync(before, patience);
        await followed.CancelAsync();
        await following;
        await measuring;
        var facts = new RunFacts(
            plan.Seed, plan.Workload.Name, string.Join(',', plan.Faults.Select(fault => fault.Name)), plan.Nodes, products, _began, TimeProvider.System.GetUtcNow())
        {
            Ahead = plan.Ahead,
            SetBacks = [.. group.SetBacks.Select(setBack => setBack.When)],
            Phases = phases,
            Held = held,
            Thrown = thrown,
            Lateness = gauge.Late,
            Redelivered = group.RedeliveredCount,
            Spans = [.. nemesis.Spans],
            ErrorsAfterDoubt = new Dictionary<string, int>(group.ErrorsAfterDoubt),
            SentTwice = [.. group.SentTwice.Distinct()],
            Takeovers = takeovers,
            Redone = redone,
        };
        HistoryFolder.Finish(plan.Folder, new History(facts, [], log, tables)
        {
            Followers = [.. followers.Select(follower => follower.Told)],
            Lost = [.. group.SetBacks.Select((setBack, number) => new LostHistory(setBack.Lost, [.. followers.Select(follower => follower.Lost[number])]))],
            Delivered = receiver.Delivered,
        });
        followers.ForEach(follower => follower.Dispose());
        nodes.ForEach(node => node.Dispose());
        var history = HistoryFolder.Read(plan.Folder)!;
        return new RunResult(plan, Checker.Check(history), nemesis.Spans, Pace.Of(history), Latencies.ToString(), took);
    }

    private HttpMessageHandler Handler(FaultyNetwork _)
    {
        // A request that was cut off may have been done: whether it is sent again is the client's decision, not the library's.
        var sockets = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), AllowAutoRedirect = false };
        return plan.Sabotage?.Between is { } between ? between(sockets) : sockets;
    }

    private async Task CreateAsync(List<HttpClient> nodes, List<(Guid Id, int Stock)> products)
    {
        using var history = new HistoryWriter(plan.Folder, 0);
        var creator = new Client(0, this, _dice.Split(), nodes, history);
        foreach (var (number, product) in products.Index())
        {
            var reply = await creator.AskAsync(new Request(Act.Create, product.Id) { Amount = product.Stock, Text = "Name 0" }, number % nodes.Count);
            if (reply.End != End.Ok)
            {
                throw new InvalidOperationException($"The products could not be made: {reply.Status} {reply.Problem} {reply.Error}");
            }
        }
    }

    private async Task LoadAsync(int number, Dice dice, List<HttpClient> nodes, IReadOnlyList<Guid> products)
    {
        using var history = new HistoryWriter(plan.Folder, number);
        await new Client(number, this, dice, nodes, history).RunAsync(plan.Workload, products);
    }

    private async Task FaultsAsync(Nemesis nemesis, CancellationToken over)
    {
        try
        {
            for (var crash = 1; crash <= (plan.Sabotage?.Crashes ?? 0); crash++)
            {
                while (Volatile.Read(ref _turns) < crash * plan.Operations / (plan.Sabotage!.Crashes + 1))
                {
                    await Task.Delay(20, over);
                }

                await server.RestartAsync("QUIT");
            }

            await nemesis.RunAsync(plan.Faults.Count == 0 ? 0 : plan.FaultCount, over);
        }
        finally
        {
            _faultsAreDone = true;
        }
    }

    /// <summary>Changes products once more, until each has taken a command.</summary>
    private async Task ChangeAllAsync(List<HttpClient> nodes, List<Guid> products)
    {
        using var history = new HistoryWriter(plan.Folder, Operation.FinalWriter);
        var writer = new Client(Operation.FinalWriter, this, _dice.Split(), nodes, history);
        var clock = Stopwatch.StartNew();
        foreach (var product in products.Take(ChangedMax))
        {
            while (!(await writer.OnceAsync(new Request(Act.Adjust, product) { Amount = 1 }, _dice.Below(nodes.Count))).IsKept
                && clock.Elapsed < SettlePatience)
            {
                await Task.Delay(200);
            }
        }
    }

    /// <summary>Reads every product on every node, again and again until it is answered.</summary>
    private async Task ReadAllAsync(List<HttpClient> nodes, List<Guid> products)
    {
        using var history = new HistoryWriter(plan.Folder, Operation.FinalReader);
        var reader = new Client(Operation.FinalReader, this, _dice.Split(), nodes, history);
        var clock = Stopwatch.StartNew();
        foreach (var node in Enumerable.Range(0, nodes.Count))
        {
            foreach (var product in products)
            {
                while ((await reader.AskAsync(new Request(Act.Read, product), node, hop: false)).End != End.Ok && clock.Elapsed < FinalReadPatience)
                {
                    await Task.Delay(200);
                }
            }
        }
    }
}
