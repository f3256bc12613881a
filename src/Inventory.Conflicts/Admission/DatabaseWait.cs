using Npgsql;

namespace Inventory.Conflicts;

/// <summary>
/// Waits for the database no longer than is promised, whatever the driver does. A server that stands still rather than
/// dies closes no connection, and the driver's own time limits are longer than they look: it tries to cancel the
/// statement first, on a connection of its own that such a server does not answer either.
/// </summary>
public static class DatabaseWait
{
    // Whoever waited is answered before threads are spent on cancelling.
    private static readonly TimeSpan CancelAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Gives what the work comes to. When that takes too long, the work is left behind: it is cancelled half a second
    /// later, and goes on holding what it holds, such as a slot, until it really ends.
    /// </summary>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="work">
    /// The work. It must not use what its caller lets go of after this has ended, because it may still be going on.
    /// </param>
    /// <param name="caller">Ends the wait and the work.</param>
    /// <param name="late">Takes what the work comes to after it was left behind, such as to give it back.</param>
    /// <exception cref="NpgsqlException">It took too long. <see cref="DatabaseFailure.Is"/> is true of it.</exception>
    public static async Task<T> WithinAsync<T>(
        TimeSpan limit, TimeProvider clock, Func<CancellationToken, Task<T>> work, CancellationToken caller,
        Action<T>? late = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        var end = CancellationTokenSource.CreateLinkedTokenSource(caller);
        var working = RunAsync(work, end);
        try
        {
            return await working.WaitAsync(limit, clock, caller);
        }
        catch (TimeoutException) when (!working.IsCompleted)
        {
            ThreadsForCancelling.Allow();
            Leave(working, end, late);
            throw new NpgsqlException(
                $"The database did not answer within {limit.TotalSeconds:0.#} s.", new TimeoutException());
        }
        catch (OperationCanceledException) when (!working.IsCompleted)
        {
            Leave(working, end, late);
            throw;
        }
    }

    private static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationTokenSource end)
    {
        using (end)
        {
            return await work(end.Token);
        }
    }

    private static void Leave<T>(Task<T> working, CancellationTokenSource end, Action<T>? late)
    {
        _ = TakeAsync(working, late);
        try
        {
            end.CancelAfter(CancelAfter);
        }
        catch (ObjectDisposedException)
        {
            // It has just ended.
        }
    }

    private static async Task TakeAsync<T>(Task<T> working, Action<T>? late)
    {
        try
        {
            var result = await working;
            late?.Invoke(result);
        }
#pragma warning disable CA1031 // Nobody is there any more whom it could be told.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}

/// <summary>
/// The driver blocks a thread of the pool for each statement that it tries to cancel
/// (<c>NpgsqlConnector.DoCancelRequest</c>). When many time out at once, the pool adds threads one by one, and
/// everybody's answers wait for them. So while the database is silent the pool may make more at once; a minute after
/// the last time it is as it was.
/// </summary>
internal static class ThreadsForCancelling
{
    private const int More = 128;

    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(1);
    private static readonly (int Workers, int Ports) Usual = Least();
    private static readonly Timer End = new(static _ => ThreadPool.SetMinThreads(Usual.Workers, Usual.Ports));

    public static void Allow()
    {
        ThreadPool.SetMinThreads(Usual.Workers + More, Usual.Ports);
        End.Change(Lasts, Timeout.InfiniteTimeSpan);
    }

    private static (int Workers, int Ports) Least()
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        return (workers, ports);
    }
}
