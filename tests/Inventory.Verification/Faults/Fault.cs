namespace Inventory.Verification.Faults;

/// <summary>What a fault strikes. Two at once never strike the same.</summary>
internal enum Target
{
    /// <summary>A node, or the network on one side of it.</summary>
    Node,

    /// <summary>All nodes.</summary>
    Nodes,

    /// <summary>The database.</summary>
    Database,
}

/// <summary>What a fault cannot be done without.</summary>
internal enum Need
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A database server whose processes may be killed.</summary>
    PrivateServer,

    /// <summary>Such a server with a disk of its own, which may be filled.</summary>
    SmallDisk,

    /// <summary>Another version of the service.</summary>
    OtherVersion,
}

/// <summary>Something that is done to a running system, and undone.</summary>
/// <param name="Name">How it is called on the command line.</param>
/// <param name="About">What it does, in words.</param>
/// <param name="Target">What it strikes.</param>
/// <param name="DoAsync">Does and undoes it.</param>
internal sealed record Fault(string Name, string About, Target Target, Func<Strike, Task> DoAsync)
{
    /// <summary>What it cannot be done without.</summary>
    public Need Needs { get; init; }

    /// <summary>Whether it may last up to a minute.</summary>
    public bool IsLong { get; init; }

    /// <summary>The one of a name.</summary>
    public static Fault Named(string name) => All.First(fault => fault.Name == name);

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("kill", "kill -9 a node, and start it again", Target.Node, async strike =>
        {
            await strike.Node.KillAsync();
            await strike.StartAgainAsync(strike.Node);
        }),
        new("kill-at-request", "kill -9 a node when a command has just reached it", Target.Node, strike => strike.KillWhenAsync(strike.Before.AtNextRequest, sends: true)),
        new("kill-before-commit", "kill -9 a node when it sends a COMMIT, which the database does not get", Target.Node, strike => strike.KillWhenAsync(strike.Behind.AtNextRequest, sends: false)),
        new("kill-after-commit", "kill -9 a node when the database has committed, which it is not told", Target.Node, strike => strike.KillWhenAsync(strike.Behind.AtNextAnswer, sends: false)),
        new("kill-after-answer", "kill -9 a node when it has answered a command, and what follows from it may not have been sent", Target.Node, strike => strike.KillWhenAsync(strike.Before.AtNextAnswer, sends: true)),
        new("kill-leader", "kill -9 the node that shares the projections out", Target.Nodes, async strike =>
        {
            var ports = await strike.Server.LockHoldersAsync();
            var leader = strike.Group.Behind.ToList().FindIndex(network => ports.Any(network.ReachesFrom));
            var node = leader < 0 ? strike.Node : strike.Group.Nodes[leader];
            await node.KillAsync();
            await strike.StartAgainAsync(node);
        }),
        new("kill-all", "kill -9 all nodes at once, and start them again", Target.Nodes, async strike =>
        {
            await Task.WhenAll(strike.Group.Nodes.Select(node => node.KillAsync()));
            await Task.WhenAll(strike.Group.Nodes.Select(node => node.StartAsync()));
        }),
        new("term", "stop a node in order (SIGTERM) under load, and start it again", Target.Node, async strike =>
        {
            await strike.Node.StopAsync();
            await strike.Node.StartAsync();
        }),
        new("update", "stop a node in order, and start it again in the other version of the service", Target.Node, async strike =>
        {
            await strike.Node.StopAsync();
            strike.Node.ChangeVersion();
            await strike.Node.StartAsync();
        }) { Needs = Need.OtherVersion },
        new("pause", "stop a node in the middle of whatever it does (SIGSTOP), for 1 to 6 seconds", Target.Node, strike => strike.PauseAsync(1_000, 6_000)),
        new("long-pause", "the same for 20 to 60 seconds, in which the others take its work over", Target.Node, strike => strike.PauseAsync(20_000, 60_000)) { IsLong = true },

        new("lose-commit", "break connections to the database before their COMMIT is sent", Target.Node, strike => strike.EachAsync(strike.Behind.AtNextRequest, passage => passage.BreakAsync())),
        new("lose-committed", "break connections to the database after their COMMIT was sent", Target.Node, strike => strike.EachAsync(strike.Behind.AtNextAnswer, passage => passage.BreakAsync())),
        new("doubt", "break a connection after its COMMIT was sent, and answer what comes then with an error, of each class in turn", Target.Node,
            strike => strike.DoubtAsync()),
        new("lose-request", "break connections to a node before a command is sent", Target.Node, strike => strike.EachAsync(strike.Before.AtNextRequest, passage => passage.BreakAsync())),
        new("lose-answer", "break connections to a node before its answer to a command arrives", Target.Node, strike => strike.EachAsync(strike.Before.AtNextAnswer, passage => passage.BreakAsync())),
        new("twice", "deliver commands to a node twice", Target.Node, strike => strike.EachAsync(strike.Before.AtNextRequest, passage =>
        {
            strike.Group.SentTwice.Add(passage.Header("Idempotency-Key"));
            return passage.SendTwiceAsync();
        })),
        new("slow-commit", "hold COMMITs back for 1 to 5 seconds: rows stay locked, and later events become visible before earlier ones", Target.Node, async strike =>
        {
            var pause = strike.Dice.Between(1_000, 5_000);
            strike.Behind.AtNextRequest(async passage =>
            {
                await Task.Delay(pause);
                await passage.SendAsync();
            });
            await Task.Delay(pause);
        }),
        new("slow", "delay what a node sends to the database, by 5 to 100 ms for some seconds", Target.Node, async strike =>
        {
            strike.Behind.Delay = TimeSpan.FromMilliseconds(strike.Dice.Between(5, 100));
            await strike.AWhileAsync();
            strike.Behind.Delay = TimeSpan.Zero;
        }),
        new("trickle", "what a node and its clients send each other comes in small pieces for some seconds", Target.Node, async strike =>
        {
            strike.Before.Trickles = true;
            await strike.AWhileAsync();
            strike.Before.Trickles = false;
        }),
        new("hole", "a node and the database do not hear each other for some seconds, then their connections break", Target.Node, async strike =>
        {
            strike.Behind.IsHole = true;
            await strike.AWhileAsync();
            strike.Behind.Reset();
            strike.Behind.IsHole = false;
        }),
        new("reset", "break all connections to a node and from it to the database", Target.Node, strike =>
        {
            strike.Before.Reset();
            strike.Behind.Reset();
            return Task.CompletedTask;
        }),

        new("stand-still", "stop all processes of the database server (SIGSTOP), so that it is there and does nothing, for 7 to 10 seconds", Target.Database,
            strike => strike.Server.StandStillAsync(TimeSpan.FromMilliseconds(strike.Dice.Between(7_000, 10_000)))) { Needs = Need.PrivateServer },
        new("long-stand-still", "the same for 20 to 60 seconds, which is longer than any deadline", Target.Database,
            strike => strike.Server.StandStillAsync(TimeSpan.FromMilliseconds(strike.Dice.Between(20_000, 60_000)))) { Needs = Need.PrivateServer, IsLong = true },
        new("redeliver", "deliver messages again that had been handled, as after a death before that was noted", Target.Database,
            async strike => strike.Group.Redelivered(await strike.Server.RedeliverAsync())),
        new("terminate", "end all connections from the database's side", Target.Database, strike => strike.Server.TerminateAsync()),
        new("cancel", "have the database cancel whatever it is doing", Target.Database, strike => strike.AgainAndAgainAsync(strike.Server.CancelAsync)),
        new("deadlock", "lock streams in the wrong order, so that the database breaks transactions off", Target.Database, strike => strike.Server.DeadlockAsync()),
        new("locked", "lock the streams' table for 1 to 4 seconds, which is longer than the service waits for a lock", Target.Database, strike => strike.Server.LockAsync(strike.Dice.Between(1_000, 4_000))),
        new("statement-time-out", "allow statements 50 ms for some seconds", Target.Database, strike => strike.SetAsync("statement_timeout = 50")),
        new("read-only", "make the database read-only for some seconds", Target.Database, strike => strike.SetAsync("default_transaction_read_only = on")),
        new("no-connections", "take all the connections that the database allows, for some seconds", Target.Database, strike => strike.Server.TakeConnectionsAsync(strike.AWhileAsync)),
        new("rebuild", "write the catalogue again from the events, under load", Target.Database, strike => strike.Node.RebuildAsync()),
        new("backend", "kill -9 one process of the database server, which then ends all others and recovers", Target.Database, strike => strike.Server.KillBackEndAsync()) { Needs = Need.PrivateServer },
        new("crash", "stop the database server at once, as in a crash, and start it again", Target.Database, strike => strike.Server.RestartAsync("QUIT")) { Needs = Need.PrivateServer },
        new("restart", "stop the database server in order (its fast shutdown), and start it again", Target.Database, strike => strike.Server.RestartAsync("INT")) { Needs = Need.PrivateServer },
        new("set-back", "put a copy of the database that is some seconds old in its place, under running nodes: what was written since is lost", Target.Database,
            strike => strike.SetBackAsync()) { Needs = Need.PrivateServer },
        new("full-disk", "leave the database server no room on its disk, for some seconds", Target.Database, strike => strike.Server.FillDiskAsync(strike.AWhileAsync)) { Needs = Need.SmallDisk },
    ];
}
