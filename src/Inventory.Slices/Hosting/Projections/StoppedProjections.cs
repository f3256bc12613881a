using Inventory.Conflicts;
using JasperFx;
using JasperFx.Events.Daemon;
using Npgsql;
using IProjectionCoordinator = Marten.Events.Daemon.Coordination.IProjectionCoordinator;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Starts a projection again that was stopped by something else than an event: a database that was away, or another node that went on with it while this one
/// was held up. Nobody else does so while its node lives. One that cannot apply an event stays stopped, because it would stop at the same event again.
/// </summary>
internal sealed partial class StoppedProjections(
    IProjectionCoordinator coordinator, NpgsqlDataSource source, Database database, TimeProvider clock, ILogger<StoppedProjections> logger)
    : Loop(clock, logger)
{
    private const string Recorded = $"select name, last_seq_id from {StoreSetup.StoreSchema}.mt_event_progression";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    // A projection that goes on from elsewhere than the database says, and that does not get over it, is told so only in the log.
    private static readonly TimeSpan AheadMax = TimeSpan.FromSeconds(5);

    // Of projections that are further than recorded: how far was recorded, and since when.
    private readonly Dictionary<string, (long Recorded, long Since)> _ahead = [];

    /// <inheritdoc/>
    protected override TimeSpan AtTheLatest => LookEvery;

    /// <inheritdoc/>
    protected override bool BeginsAtOnce => false;

    /// <inheritdoc/>
    protected override async Task WorkAsync(CancellationToken stopping)
    {
        if (!database.IsThere || LocalProjections.Of(coordinator) is not { } daemon)
        {
            return;
        }

        foreach (var agent in daemon.CurrentAgents().Where(IsStopped))
        {
            // Not stopped in order first: while it cannot be started it has to be found here again.
            await AgainAsync(agent, agent.Failure!.Message, () => daemon.StartAgentAsync(agent.Name, stopping));
        }

        foreach (var agent in await AheadAsync(daemon, stopping))
        {
            await AgainAsync(agent, "somebody else has gone on with it", async () =>
            {
                await daemon.StopAgentAsync(agent.Name);
                await daemon.StartAgentAsync(agent.Name, stopping);
            });
        }
    }

    private static bool IsStopped(ISubscriptionAgent agent) =>
        agent is { Status: AgentStatus.Paused or AgentStatus.Stopped, Failure.Category: ShardFailureCategory.Other or ShardFailureCategory.ProgressionOutOfOrder };

    /// <summary>The projections that have long been further than is recorded: what they record is refused, because they are not where the record is.</summary>
    private async Task<IReadOnlyList<ISubscriptionAgent>> AheadAsync(IProjectionDaemon daemon, CancellationToken cancellation)
    {
        var recorded = new Dictionary<string, long>();
        await using (var command = source.CreateCommand(Recorded))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                recorded.Add(reader.GetString(0), reader.GetInt64(1));
            }
        }

        var stuck = new List<ISubscriptionAgent>();
        foreach (var agent in daemon.CurrentAgents().Where(agent => agent.Status == AgentStatus.Running))
        {
            var name = agent.Name.Identity;
            if (!recorded.TryGetValue(name, out var reached) || agent.Position <= reached)
            {
                _ahead.Remove(name);
            }
            else if (!_ahead.TryGetValue(name, out var before) || before.Recorded != reached)
            {
                _ahead[name] = (reached, Clock.GetTimestamp());
            }
            else if (Clock.GetElapsedTime(before.Since) > AheadMax)
            {
                _ahead.Remove(name);
                stuck.Add(agent);
            }
        }

        return stuck;
    }

    private async Task AgainAsync(ISubscriptionAgent agent, string reason, Func<Task> start)
    {
        try
        {
            await start();
            LogAgain(logger, agent.Name.Identity, reason);
        }
#pragma warning disable CA1031 // Whatever stands against it now, it is tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotYet(logger, agent.Name.Identity, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The projection {Projection} was stopped ({Reason}) and has been started again")]
    private static partial void LogAgain(ILogger logger, string projection, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The projection {Projection} could not be started again yet ({Reason})")]
    private static partial void LogNotYet(ILogger logger, string projection, string reason);
}
