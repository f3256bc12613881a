using JasperFx.Events.Daemon;
using Wolverine.Runtime.Agents;
using IProjectionCoordinator = Marten.Events.Daemon.Coordination.IProjectionCoordinator;

namespace Inventory.Slices.Hosting;

/// <summary>The projections that run on this node.</summary>
internal static class LocalProjections
{
    /// <summary>What runs them here; null on a node that runs none, because others do.</summary>
    public static IProjectionDaemon? Of(IProjectionCoordinator coordinator)
    {
        try
        {
            return coordinator.DaemonForMainDatabase();
        }
        catch (DaemonNotRunningOnThisNodeException)
        {
            return null;
        }
    }
}
