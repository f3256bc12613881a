using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Inventory.Verification.Faults;
using Inventory.Verification.Histories;
using Npgsql;

namespace Inventory.Verification.Running;

/// <summary>The nodes of a run, with a network before each and another between each and the database.</summary>
internal sealed class NodeGroup : IAsyncDisposable
{
    private static readonly byte[] Commit = Encoding.ASCII.GetBytes("COMMIT\0");
    private static readonly byte[] Post = Encoding.ASCII.GetBytes("POST ");

    private int _redelivered;

    private NodeGroup(IReadOnlyList<ServiceNode> nodes, IReadOnlyList<FaultyNetwork> before, IReadOnlyList<FaultyNetwork> behind) =>
        (Nodes, Before, Behind) = (nodes, before, behind);

    public IReadOnlyList<ServiceNode> Nodes { get; }

    /// <summary>Between the clients and each node.</summary>
    public IReadOnlyList<FaultyNetwork> Before { get; }

    /// <summary>Between each node and the database.</summary>
    public IReadOnlyList<FaultyNetwork> Behind { get; }

    /// <summary>The keys of the requests that were delivered twice.</summary>
    public ConcurrentBag<string> SentTwice { get; } = [];

    /// <summary>How often a class of errors (SQLSTATE) was met by a node whose commit had been lost.</summary>
    public ConcurrentDictionary<string, int> ErrorsAfterDoubt { get; } = new();

    /// <summary>When the database was set back, and what was lost then.</summary>
    public List<(SetBack When, IReadOnlyList<LoggedEvent> Lost)> SetBacks { get; } = [];

    /// <summary>What has to be done between two histories of the database.</summary>
    public Func<Task> BetweenHistoriesAsync { get; set; } = () => Task.CompletedTask;

    /// <summary>How many messages were delivered once more.</summary>
    public int RedeliveredCount => _redelivered;

    /// <summary>Notes that so many messages were delivered once more.</summary>
    public void Redelivered(int count) => Interlocked.Add(ref _redelivered, count);

    /// <summary>Starts the nodes of a run on a database, the last of them with a clock that is ahead.</summary>
    public static async Task<NodeGroup> StartAsync(string connectionString, IReadOnlyList<(string Name, string Value)> settings, RunPlan plan)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        var (nodes, before, behind) = (new List<ServiceNode>(), new List<FaultyNetwork>(), new List<FaultyNetwork>());
        for (var n = 0; n < plan.Nodes; n++)
        {
            behind.Add(new FaultyNetwork(0, database.Port, Commit, isBeforeDatabase: true).Start());
            var port = FreePort();
            before.Add(new FaultyNetwork(0, port, Post).Start());
            var through = new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = behind[n].Port };
            var clock = n == plan.Nodes - 1 ? ShiftedClock.Settings(plan.Ahead) : [];
            nodes.Add(new ServiceNode(n, port, [.. settings, ("ConnectionStrings__Inventory", through.ConnectionString), .. clock], plan.OtherVersion, plan.Folder));
        }

        var group = new NodeGroup(nodes, before, behind);
        try
        {
            await Task.WhenAll(nodes.Select(node => node.StartAsync()));
            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        Before.Concat(Behind).ToList().ForEach(network => network.Dispose());
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
