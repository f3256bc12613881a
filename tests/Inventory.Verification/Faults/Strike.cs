using Inventory.Verification.Histories;
using Inventory.Verification.Running;

namespace Inventory.Verification.Faults;

/// <summary>One time that a fault is done.</summary>
/// <param name="group">The nodes.</param>
/// <param name="number">The node that it strikes, if it strikes one.</param>
/// <param name="server">The database server.</param>
/// <param name="dice">Its chance.</param>
/// <param name="now">Microseconds since the run began.</param>
internal sealed class Strike(NodeGroup group, int number, StoreServer server, Dice dice, Func<long> now)
{
    private const int TimesMax = 20;
    private const int LongerThanCommandsAreTried = 6_000;
    private static readonly TimeSpan UntilSomethingComes = TimeSpan.FromSeconds(1);
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

    /// <summary>
    /// Loses a commit's answer, and has the node meet an error when it tries again: one of each class after the other, for a
    /// moment or, once, for longer than a command is tried.
    /// </summary>
    public async Task DoubtAsync()
    {
        var errors = PostgresError.All.GroupBy(error => error.Class).Select(errors => dice.Of([.. errors])).ToList();
        var longest = dice.Below(errors.Count);
        foreach (var (number, error) in errors.Index())
        {
            var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Behind.AtNextAnswer(passage =>
            {
                Behind.AnswerWith(error, met => group.ErrorsAfterDoubt.AddOrUpdate(met.Class, 1, (_, count) => count + 1));
                lost.TrySetResult();
                return passage.BreakAsync();
            });
            await Task.WhenAny(lost.Task, Task.Delay(UntilSomethingComes));
            Behind.AtNextAnswer(null);
            await Task.Delay(number == longest ? LongerThanCommandsAreTried : dice.Between(50, 600));
            Behind.AnswerWith(null);
        }
    }

    /// <summary>Copies the database, and puts the copy in its place some seconds later.</summary>
    public async Task SetBackAsync()
    {
        var copyBegan = now();
        await server.CopyAsync();
        await AWhileAsync();
        var stopped = now();
        var gone = stopped;
        IReadOnlyList<LoggedEvent> lost = [];
        await server.SetBackAsync(async connectionString =>
        {
            (lost, _) = await new StoreReading(connectionString).ReadAsync();
            await group.BetweenHistoriesAsync();
            gone = now();
        });
        group.SetBacks.Add((new SetBack(copyBegan, stopped, gone), lost));
    }

    /// <summary>Gives the database another setting for some seconds.</summary>
    public async Task SetAsync(string setting)
    {
        await server.SetAsync(setting);
        await AWhileAsync();
        await server.ResetAsync();
    }
}
