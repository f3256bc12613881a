using System.Threading.Channels;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Inventory.Conflicts;

/// <summary>
/// Writes conflicts into a table of their own, away from the contended stream and after the fact: a command neither waits
/// for it nor fails because of it. What it cannot keep up with is dropped and counted.
/// </summary>
public sealed partial class ConflictLog(
    IDocumentStore store, NpgsqlDataSource database, ConflictMetrics metrics, ILogger<ConflictLog> logger) : BackgroundService
{
    /// <summary>How many conflicts may wait to be written; one more is dropped.</summary>
    internal const int WaitingMax = 10_000;

    private const int WrittenAtOnceMax = 1_000;

    private readonly Channel<ConflictRecord> _waiting = Channel.CreateBounded<ConflictRecord>(
        new BoundedChannelOptions(WaitingMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly string _insert =
        $"""
         insert into {store.Options.DatabaseSchemaName}.{ConflictTable.Name} (at, stream_id, command, policy, clashing_event, escaped, attempts, actor)
         select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
         """;

    private readonly ILogger _logger = new Bystanders.Logger(logger);

    private int _dropped;

    /// <summary>Has a conflict written soon.</summary>
    internal void Add(ConflictRecord conflict)
    {
        if (!_waiting.Writer.TryWrite(conflict))
        {
            Interlocked.Increment(ref _dropped);
            metrics.Unrecorded();
        }
    }

    /// <summary>Takes no more, and waits until everything taken is written or the time for stopping is over.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        if (ExecuteTask is { } writing)
        {
            await writing.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    /// <summary>Writes until the service stops and everything is written.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var conflicts = new List<ConflictRecord>();
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (conflicts.Count < WrittenAtOnceMax && _waiting.Reader.TryRead(out var conflict))
            {
                conflicts.Add(conflict);
            }

            try
            {
                await WriteAsync(conflicts);
            }
#pragma warning disable CA1031 // Whatever it is: what only watches must not stop the service.
            catch (Exception e)
#pragma warning restore CA1031
            {
                conflicts.ForEach(_ => metrics.Unrecorded());
                LogFailed(_logger, e, conflicts.Count);
            }

            conflicts.Clear();
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            {
                LogDropped(_logger, dropped);
            }
        }
    }

    private async Task WriteAsync(List<ConflictRecord> conflicts)
    {
        await using var command = database.CreateCommand(_insert);
        Add(NpgsqlDbType.TimestampTz, c => c.At);
        Add(NpgsqlDbType.Uuid, c => c.StreamId);
        Add(NpgsqlDbType.Text, c => c.Command);
        Add(NpgsqlDbType.Text, c => c.Policy.ToString());
        Add(NpgsqlDbType.Text, c => c.ClashingEvent);
        Add(NpgsqlDbType.Boolean, c => c.Escaped);
        Add(NpgsqlDbType.Integer, c => c.Attempts);
        Add(NpgsqlDbType.Text, c => c.Actor);
        await command.ExecuteNonQueryAsync();

        void Add<T>(NpgsqlDbType type, Func<ConflictRecord, T> value) =>
            command.Parameters.Add(new() { Value = conflicts.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} conflicts could not be written to the conflict log and are missing there; the metrics have them")]
    private static partial void LogFailed(ILogger logger, Exception exception, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} conflicts came faster than the conflict log is written and are missing there; the metrics have them")]
    private static partial void LogDropped(ILogger logger, int count);
}
