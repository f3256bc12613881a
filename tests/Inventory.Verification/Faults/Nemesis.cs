using System.Globalization;
using Inventory.Verification.Running;

namespace Inventory.Verification.Faults;

/// <summary>Something that is done to a running system, and undone.</summary>
/// <param name="Name">How it is called on the command line.</param>
/// <param name="About">What it does, in words.</param>
/// <param name="NeedsPrivateServer">It kills processes of the database server.</param>
/// <param name="DoAsync">Does and undoes it, on one node or on the server.</param>
internal sealed record Fault(string Name, string About, bool NeedsPrivateServer, Func<Nemesis, int, Task> DoAsync)
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("kill", "kill -9 a node, and start it again", false, async (nemesis, node) =>
        {
            await nemesis.Group.Nodes[node].KillAsync();
            await Task.Delay(nemesis.Dice.Between(0, 1_000));
            await nemesis.Group.Nodes[node].StartAsync();
        }),
        new("term", "stop a node in order (SIGTERM) under load, and start it again", false, async (nemesis, node) =>
        {
            await nemesis.Group.Nodes[node].StopAsync();
            await nemesis.Group.Nodes[node].StartAsync();
        }),
        new("pause", "stop a node in the middle of whatever it does (SIGSTOP), for 1 to 6 seconds", false, async (nemesis, node) =>
        {
            await nemesis.Group.Nodes[node].SignalAsync("STOP");
            await Task.Delay(nemesis.Dice.Between(1_000, 6_000));
            await nemesis.Group.Nodes[node].SignalAsync("CONT");
        }),
        new("lose-commit", "break connections to the database before their COMMIT is sent", false, (nemesis, node) => nemesis.ForAWhileAsync(nemesis.Group.Behind[node].LoseNextRequest)),
        new("lose-committed", "break connections to the database after their COMMIT was sent", false, (nemesis, node) => nemesis.ForAWhileAsync(nemesis.Group.Behind[node].LoseNextAnswer)),
        new("lose-request", "break connections to a node before a command is sent", false, (nemesis, node) => nemesis.ForAWhileAsync(nemesis.Group.Before[node].LoseNextRequest)),
        new("lose-answer", "break connections to a node before its answer to a command arrives", false, (nemesis, node) => nemesis.ForAWhileAsync(nemesis.Group.Before[node].LoseNextAnswer)),
        new("slow", "delay what a node sends to the database, by 5 to 100 ms for some seconds", false, async (nemesis, node) =>
        {
            nemesis.Group.Behind[node].Delay = TimeSpan.FromMilliseconds(nemesis.Dice.Between(5, 100));
            await Task.Delay(nemesis.Dice.Between(1_000, 4_000));
            nemesis.Group.Behind[node].Delay = TimeSpan.Zero;
        }),
        new("hole", "a node and the database do not hear each other for some seconds, then their connections break", false, async (nemesis, node) =>
        {
            nemesis.Group.Behind[node].IsHole = true;
            await Task.Delay(nemesis.Dice.Between(1_000, 5_000));
            nemesis.Group.Behind[node].Reset();
            nemesis.Group.Behind[node].IsHole = false;
        }),
        new("reset", "break all connections to a node and from it to the database", false, (nemesis, node) =>
        {
            nemesis.Group.Before[node].Reset();
            nemesis.Group.Behind[node].Reset();
            return Task.CompletedTask;
        }),
        new("terminate", "end all connections from the database's side", false, (nemesis, _) => nemesis.Server.TerminateAsync()),
        new("backend", "kill -9 one process of the database server, which then ends all others and recovers", true, (nemesis, _) => nemesis.Server.KillBackEndAsync()),
        new("crash", "stop the database server at once, as in a crash, and start it again", true, (nemesis, _) => nemesis.Server.CrashAsync()),
    ];
}

/// <summary>Does one fault after the other to a run, in an order that the seed decides.</summary>
internal sealed class Nemesis(NodeGroup group, StoreServer server, Dice dice, IReadOnlyList<Fault> faults, string folder, Func<long> now)
{
    private const int CutsMax = 20;

    private readonly List<FaultSpan> _spans = [];

    public NodeGroup Group => group;

    public StoreServer Server => server;

    public Dice Dice => dice;

    /// <summary>What was done when.</summary>
    public IReadOnlyList<FaultSpan> Spans => _spans;

    /// <summary>Goes on until it has done so many, or the run is over.</summary>
    public async Task RunAsync(int count, CancellationToken over)
    {
        await using var file = new StreamWriter(Path.Combine(folder, "faults.jsonl")) { AutoFlush = true };
        List<Fault> round = [];
        for (var done = 0; done < count && !over.IsCancellationRequested; done++)
        {
            await Task.Delay(dice.Between(300, 1_500), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Each of them comes before one of them comes again.
            round = done % faults.Count == 0 ? [.. faults.OrderBy(_ => dice.Below(int.MaxValue))] : round;
            var fault = round[done % faults.Count];
            var node = dice.Below(group.Nodes.Count);
            var began = now();
            await fault.DoAsync(this, node);
            _spans.Add(new FaultSpan(fault.Name, node, began, now()));
            await file.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $$"""{"type":"fault","fault":"{{fault.Name}}","node":{{node}},"began":{{began}},"ended":{{now()}}}"""));
        }
    }

    /// <summary>Breaks one connection after the other for a second or two.</summary>
    public async Task ForAWhileAsync(Action breakNext)
    {
        for (var n = 0; n < CutsMax; n++)
        {
            breakNext();
            await Task.Delay(dice.Between(20, 120));
        }
    }
}

/// <summary>A fault that was done. Times are microseconds since the run began.</summary>
internal sealed record FaultSpan(string Fault, int Node, long Began, long Ended);
