using Inventory.Conflicts;
using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Reads for one caller: within the budget of its kind of work, and within the time in which every read is answered.
/// What is sent to the caller is sent afterwards, so that one who takes it slowly holds no connection.
/// </summary>
public sealed class DatabaseReads(Admission admission, TimeProvider clock)
{
    /// <summary>How long a read may take, waiting included; then it is answered <c>unavailable</c>.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(HttpLimits.ReadSecondsMax);

    private const int RetryAfterSeconds = 1;
    private const int TurnsMax = 10;

    /// <summary>The answer to who was turned away. Nothing was begun.</summary>
    public static Problem Overloaded => new(ProblemTypes.Overloaded) { RetryAfterSeconds = RetryAfterSeconds };

    /// <summary>Makes an answer of what is read, or answers <c>overloaded</c> when there is no room for it.</summary>
    /// <param name="work">What kind of work it is.</param>
    /// <param name="read">Reads, and makes the answer without sending it.</param>
    /// <param name="caller">Stops the work.</param>
    /// <exception cref="NpgsqlException">The database cannot be reached, or does not answer in time.</exception>
    public async Task<IResult> AnswerAsync(
        Work work, Func<CancellationToken, Task<IResult>> read, CancellationToken caller) =>
        await ReadAsync(work, read, caller) ?? Overloaded;

    /// <summary>
    /// Reads a further part of an answer whose beginning was sent. It cannot be turned away any more, so it is tried
    /// again and again for a while.
    /// </summary>
    /// <param name="work">What kind of work it is.</param>
    /// <param name="read">Reads.</param>
    /// <param name="caller">Stops the work.</param>
    /// <exception cref="NpgsqlException">
    /// There is no room, or the database cannot be reached, or does not answer in time.
    /// </exception>
    public async Task<T> ReadOnAsync<T>(Work work, Func<CancellationToken, Task<T>> read, CancellationToken caller)
        where T : class
    {
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            if (await ReadAsync(work, read, caller) is { } part)
            {
                return part;
            }
        }

        throw new NpgsqlException($"There was no room for a {work} on this node {TurnsMax} times.");
    }

    /// <summary>Reads; null when there is no room for it. Nothing was begun then.</summary>
    /// <inheritdoc cref="AnswerAsync"/>
    public Task<T?> ReadAsync<T>(Work work, Func<CancellationToken, Task<T>> read, CancellationToken caller)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(read);
        return DatabaseWait.WithinAsync(AnswerMax, clock, AdmittedAsync, caller);

        async Task<T?> AdmittedAsync(CancellationToken cancellation)
        {
            using var slot = await admission.EnterAsync(work, cancellation);
            return slot is null ? null : await read(cancellation);
        }
    }
}
