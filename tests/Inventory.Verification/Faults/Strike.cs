using Inventory.Verification.Running;

namespace Inventory.Verification.Faults;

/// <summary>One time that a fault is done.</summary>
/// <param name="group">The nodes.</param>
/// <param name="number">The node that it strikes, if it strikes one.</param>
/// <param name="server">The database server.</param>
/// <param name="dice">Its chance.</param>
internal sealed class Strike(NodeGroup group, int number, StoreServer server, Dice dice)
{
    private const int TimesMax = 20;
    private static readonly TimeSpan UntilItComes = TimeSpan.FromSeconds(5);

    public NodeGroup Group => group;

    public ServiceNode Node => group.Nodes[number];

    /// <summary>Between the clients and the node.</summary>
    public FaultyNetwork Before => group.Before[number];

    /// <summary>Between the node and the database.</summary>
    public FaultyNetwork Behind => group.Behind[number];

    public StoreServer Server => server;

    public Dice Dice => dice;

    /// <summary>Some seconds.</summary>
    public Task AWhileAsync() => Task.Delay(dice.Between(1_000, 5_000));

    /// <summary>Does something again and again for a second or two.</summary>
    public async Task AgainAndAgainAsync(Func<Task> act)
    {
        for (var n = 0; n < TimesMax; n++)
        {
            await act();
            await Task.Delay(dice.Between(20, 120));
        }
    }

    /// <summary>Does something to whatever comes by next, again and again for a second or two.</summary>
    public async Task EachAsync(Action<Func<FaultyNetwork.Passage, Task>?> atNext, Func<FaultyNetwork.Passage, Task> act)
    {
        await AgainAndAgainAsync(() =>
        {
            atNext(act);
            return Task.CompletedTask;
        });
        atNext(null);
    }

    /// <summary>Stops the node in the middle of whatever it does, for a while.</summary>
    public async Task PauseAsync(int least, int most)
    {
        await Node.SignalAsync("STOP");
        await Task.Delay(dice.Between(least, most));
        await Node.SignalAsync("CONT");
    }

    /// <summary>Starts a node that was killed.</summary>
    public async Task StartAgainAsync(ServiceNode node)
    {
        await Task.Delay(dice.Between(0, 1_000));
        await node.StartAsync();
    }

    /// <summary>Kills the node when something comes by, before or after that is sent on, and starts it again.</summary>
    public async Task KillWhenAsync(Action<Func<FaultyNetwork.Passage, Task>?> atNext, bool sends)
    {
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        atNext(async passage =>
        {
            if (sends)
            {
                await passage.SendAsync();
            }

            await Node.KillAsync();
            await passage.BreakAsync();
            killed.SetResult();
        });
        await Task.WhenAny(killed.Task, Task.Delay(UntilItComes));
        atNext(null);
        // What was taken before it could be called off is being done.
        if (!Node.IsRunning || killed.Task.IsCompleted)
        {
            await killed.Task;
            await StartAgainAsync(Node);
        }
    }

    /// <summary>Gives the database another setting for some seconds.</summary>
    public async Task SetAsync(string setting)
    {
        await server.SetAsync(setting);
        await AWhileAsync();
        await server.ResetAsync();
    }
}
