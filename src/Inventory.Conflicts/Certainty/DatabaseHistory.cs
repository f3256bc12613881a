using Npgsql;

namespace Inventory.Conflicts;

/// <summary>
/// Numbers the histories of the database that this node has met. What is remembered is true of one of them only: a failover
/// can lose commits, and a restored backup goes back. Every new connection says which server it leads to, before anybody
/// uses it; a lost one begins a new history too, because nobody knows what happens behind it.
/// </summary>
public sealed class DatabaseHistory
{
    // The moment a server process began tells apart a restarted, a restored and a promoted one.
    private const string Identity = "select pg_postmaster_start_time()::text";

    private readonly Lock _lock = new();
    private string? _server;
    private long _number;

    /// <summary>The present history's number. What was remembered under another may not have happened in it.</summary>
    public long Number => Interlocked.Read(ref _number);

    /// <summary>Has every connection of a data source say which server it leads to.</summary>
    public void Watch(NpgsqlDataSourceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = new NpgsqlCommand(Identity, connection);
                Met((string)command.ExecuteScalar()!);
            },
            async connection =>
            {
                await using var command = new NpgsqlCommand(Identity, connection);
                Met((string)(await command.ExecuteScalarAsync())!);
            });
    }

    /// <summary>What was remembered until now may not be so any more.</summary>
    internal void Break() => Interlocked.Increment(ref _number);

    /// <summary>A connection leads to this server.</summary>
    internal void Met(string server)
    {
        lock (_lock)
        {
            if (_server != server)
            {
                _server = server;
                Break();
            }
        }
    }
}
