using JasperFx;
using JasperFx.Events.Daemon;
using IProjectionCoordinator = Marten.Events.Daemon.Coordination.IProjectionCoordinator;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Starts a projection again that was stopped by something else than an event, such as a database that was away: nobody else does so while its node
/// lives. One that cannot apply an event stays stopped, because it would stop at the same event again.
/// </summary>
internal sealed partial class StoppedProjections(IProjectionCoordinator coordinator, Database database, TimeProvider clock, ILogger<StoppedProjections> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!database.IsThere)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(LookEvery, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (LocalProjections.Of(coordinator) is not { } daemon)
            {
                continue;
            }

            foreach (var stopped in daemon.CurrentAgents().Where(agent => agent is { Status: AgentStatus.Paused, Failure.Category: ShardFailureCategory.Other }))
            {
                try
                {
                    // Not stopped in order first: while it cannot be started it has to be found here again.
                    await daemon.StartAgentAsync(stopped.Name, stoppingToken);
                    LogAgain(logger, stopped.Name.Identity, stopped.Failure!.Message);
                }
#pragma warning disable CA1031 // Whatever stands against it now, it is tried again.
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogNotYet(logger, stopped.Name.Identity, e.Message);
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The projection {Projection} was stopped ({Reason}) and has been started again")]
    private static partial void LogAgain(ILogger logger, string projection, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The projection {Projection} could not be started again yet ({Reason})")]
    private static partial void LogNotYet(ILogger logger, string projection, string reason);
}
