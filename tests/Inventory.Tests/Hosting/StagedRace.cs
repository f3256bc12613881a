using System.Collections.Concurrent;
using Marten;

namespace Inventory.Tests.Hosting;

/// <summary>
/// Runs a competitor after a command has loaded and decided and before it commits, so that a race is lost for certain
/// and exactly as often as a test says.
/// </summary>
public sealed class StagedRace : DocumentSessionListenerBase
{
    /// <summary>Who the competitor is.</summary>
    public const string Competitor = "competitor";

    private static readonly AsyncLocal<bool> Competing = new();

    private readonly ConcurrentQueue<Func<Task>> _once = new();
    private int _commits;

    /// <summary>How many commits were about to be made by others than the competitor.</summary>
    public int Commits => _commits;

    /// <summary>Runs each of these before one commit, in order.</summary>
    public void Stage(params Func<Task>[] competitors)
    {
        _commits = 0;
        _once.Clear();
        foreach (var competitor in competitors)
        {
            _once.Enqueue(competitor);
        }
    }

    public override async Task BeforeSaveChangesAsync(IDocumentSession session, CancellationToken token)
    {
        if (Competing.Value || !session.PendingChanges.Streams().Any())
        {
            return;
        }

        Interlocked.Increment(ref _commits);
        if (_once.TryDequeue(out var competitor))
        {
            Competing.Value = true; // The competitor's own commits are not raced.
            await competitor();
            Competing.Value = false;
        }
    }
}
